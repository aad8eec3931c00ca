import { setImmediate as nextTurn } from 'node:timers/promises';

/** Hands out the turns of the event loop, one each, to work that stops everything else for as long as it takes. */
export class TurnScheduler {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves in a turn that nobody else was given. */
  take(): Promise<unknown> {
    this.#last = this.#last.then(() => nextTurn());
    return this.#last;
  }
}
