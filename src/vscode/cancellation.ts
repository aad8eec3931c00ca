import type { CancellationToken, CancellationTokenSource } from 'vscode';
import { abortReason } from '../base/async/abort.js';

/**
 * Runs work under a signal that aborts when VS Code's token is cancelled. VS Code knows tokens, the gateway signals;
 * this is the border between the two.
 */
export async function withSignal<T>(
  token: CancellationToken,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  if (token.isCancellationRequested) abort();
  const subscription = token.onCancellationRequested(abort);
  try {
    return await work(controller.signal);
  } finally {
    subscription.dispose();
  }
}

/**
 * The other way round: runs work under a token that is cancelled when the signal aborts, and when the work has ended,
 * whether everything was read that it asked for or not.
 * @param source of the token; it is disposed
 * @throws the signal's reason when it is aborted, else what the work throws
 */
export async function withToken<T>(
  source: Pick<CancellationTokenSource, 'token' | 'cancel' | 'dispose'>,
  signal: AbortSignal,
  work: (token: CancellationToken) => Promise<T>,
): Promise<T> {
  const cancel = (): void => {
    source.cancel();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) throw abortReason(signal);
    return await work(source.token);
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : error;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
    source.dispose();
  }
}
