import assert from 'node:assert/strict';
import type { CancellationToken } from 'vscode';
import { withSignal, withToken } from '../../../src/vscode/cancellation.js';

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

describe('withToken', () => {
  function source(): { source: Parameters<typeof withToken>[0]; log: string[] } {
    const log: string[] = [];
    const token = {} as CancellationToken;
    return {
      log,
      source: { token, cancel: () => void log.push('cancel'), dispose: () => void log.push('dispose') },
    };
  }

  it('cancels the token as soon as the signal aborts, and says so', async () => {
    const { source: own, log } = source();
    const controller = new AbortController();
    const seen: unknown[] = [];
    const work = withToken(own, controller.signal, (token) => {
      controller.abort(new Error('given up'));
      seen.push(token, [...log]);
      return Promise.reject(new Error('cancelled'));
    });
    await assert.rejects(work, /given up/);
    assert.deepEqual(seen, [own.token, ['cancel']]);
    assert.equal(log.at(-1), 'dispose');
  });

  it('begins nothing when the signal was aborted before', async () => {
    const { source: own, log } = source();
    const work = withToken(own, AbortSignal.abort(new Error('given up')), () => assert.fail('began'));
    await assert.rejects(work, /given up/);
    assert.deepEqual(log, ['cancel', 'dispose']);
  });

  it('cancels what is left when the work has ended, well or badly', async () => {
    const { signal } = new AbortController();
    const ends = [() => Promise.resolve(1), () => Promise.reject(new Error('failed'))];
    for (const end of ends) {
      const { source: own, log } = source();
      await withToken(own, signal, end).catch((error: unknown) => {
        assert.match(String(error), /failed/);
      });
      assert.deepEqual(log, ['cancel', 'dispose']);
    }
  });
});
