import type { CancellationToken } from 'vscode';

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
