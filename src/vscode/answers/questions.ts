import { ClientError } from '../../gateway/model/client.js';
import { abortReason } from '../../gateway/util/abort.js';

/** Nobody answers more in a row. */
const MAX_WAITING = 20;
/** JSON-RPC: an internal error. */
const INTERNAL_ERROR = -32603;

/** Questions to the user come one after another, so that none takes the place of another. */
export class Questions {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /**
   * Asks when those before have been answered.
   * @throws `ClientError` when too many wait already, the signal's reason, what the question throws
   */
  async ask<T>(signal: AbortSignal, question: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING)
      throw new ClientError(INTERNAL_ERROR, 'The user has too many questions to answer; ask again later.');
    this.#waiting++;
    const answer = this.#last.then(() => {
      if (signal.aborted) throw abortReason(signal);
      return question();
    });
    this.#last = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      this.#waiting--;
    }
  }
}
