import type { ServerAsks } from '../../gateway/model/client.js';
import { abortReason } from '../../base/async/abort.js';

/** How a question ends that the user does not want to see. */
export type Refusal = 'decline' | 'cancel';

/**
 * Tells the user, without getting in the way, that a server wants to ask something.
 * @param title of the server
 */
export type Invite = (title: string, signal: AbortSignal) => Promise<'come' | Refusal>;

/** One question of a server. */
export interface Question<T> {
  /** Of the server. */
  readonly title: string;
  /** Asks; nothing else is asked meanwhile. */
  readonly ask: () => Promise<T>;
  /** The answer when the user did not let it be asked. */
  readonly refused: (refusal: Refusal) => T;
}

/**
 * Questions to the user come one after another, so that none takes the place of another. Nothing pops up uninvited: what
 * belongs to a request that was made in VS Code is asked at once, else the user is invited to answer first. The gateway
 * bounds how many wait, of each server and in all.
 */
export class Questions {
  readonly #invite: Invite;
  #last: Promise<unknown> = Promise.resolve();

  constructor(invite: Invite) {
    this.#invite = invite;
  }

  /**
   * Asks when those before have been answered.
   * @throws the signal's reason, what the question throws
   */
  async ask<T>(
    { signal, during }: Pick<ServerAsks, 'signal' | 'during'>,
    { title, ask, refused }: Question<T>,
  ): Promise<T> {
    const invitation = during === undefined ? await this.#invite(title, signal) : 'come';
    if (invitation !== 'come') return refused(invitation);
    const throwIfGivenUp = (): void => {
      if (signal.aborted) throw abortReason(signal);
    };
    const answer = this.#last.then(async () => {
      throwIfGivenUp();
      const given = await ask();
      // Nobody waits for it any more, and it allows nothing.
      throwIfGivenUp();
      return given;
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
