import { constants } from 'node:os';

/** The user, or the system, wants this process to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(readonly exitCode: number) {
    super('Interrupted.');
  }
}

/**
 * Turns the first interrupt into an abort, so that everything is closed in good order; the second one ends at once.
 * @param atOnce what must be done before that
 */
export function watchInterrupts(atOnce: () => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const exitCode = 128 + constants.signals[signal];
      if (controller.signal.aborted) {
        atOnce();
        process.exit(exitCode);
      }
      controller.abort(new Interrupted(exitCode));
    });
  }
  return controller.signal;
}
