import assert from 'node:assert/strict';
import type { CancellationToken } from 'vscode';
import { withSignal } from '../../../src/vscode/cancellation.js';

function cancellable() {
  const listeners = new Set<() => void>();
  const token = {
    isCancellationRequested: false,
    onCancellationRequested: (listener: () => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const cancel = (): void => {
    token.isCancellationRequested = true;
    for (const listener of listeners) listener();
  };
  return { token: token as unknown as CancellationToken, cancel, listeners };
}

describe('withSignal', () => {
  it('aborts when the token is cancelled, and listens no longer than the work lasts', async () => {
    const { token, cancel, listeners } = cancellable();
    const aborted = await withSignal(token, (signal) => {
      cancel();
      return Promise.resolve(signal.aborted);
    });
    assert.equal(aborted, true);
    assert.equal(listeners.size, 0);
  });

  it('is aborted from the start when the token was cancelled before', async () => {
    const { token, cancel } = cancellable();
    cancel();
    assert.equal(await withSignal(token, (signal) => Promise.resolve(signal.aborted)), true);
  });

  it('listens no longer when the work fails', async () => {
    const { token, listeners } = cancellable();
    await assert.rejects(withSignal(token, () => Promise.reject(new Error('x'))));
    assert.equal(listeners.size, 0);
  });
});
