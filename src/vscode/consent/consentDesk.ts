import type { ServerId } from '../../gateway/model/definition.js';
import { PendingQuestions } from '../chat/approval/pending.js';
import type { Review } from './review.js';
import type { ServerConsents } from './serverConsents.js';

/** The command of the buttons in a chat; its arguments are the question's id and the answer. */
export const ANSWER_CONSENT = 'mcpGateway.answerServerConsent';

export type ConsentAnswer = 'allow' | 'choose' | 'deny';

export interface ConsentDeskParts {
  readonly consents: ServerConsents;
  /** The servers that wait for a consent, as the settings were read last. */
  readonly reviews: () => readonly Review[];
  /** Reads the settings again and hands them to the gateway. */
  readonly reconfigure: () => Promise<void>;
}

/** Where it is decided which of a workspace's servers may run; it asks nobody by itself. */
export class ConsentDesk {
  readonly #parts: ConsentDeskParts;
  /** What was refused in this window, so that a chat does not ask for it in every answer. */
  readonly #refused = new Set<string>();
  /** The questions that are open in chats; each is answered with what was allowed of it. */
  readonly questions = new PendingQuestions<readonly Review[], readonly Review[]>([]);

  constructor(parts: ConsentDeskParts) {
    this.#parts = parts;
  }

  /** All that wait. */
  get waiting(): readonly Review[] {
    return this.#parts.reviews();
  }

  /** Those that nobody has been asked about in this window, or that were not answered. */
  get unanswered(): readonly Review[] {
    return this.waiting.filter((review) => !this.#refused.has(keyOf(review)));
  }

  find(server: ServerId): Review | undefined {
    return this.waiting.find(({ id }) => id === server);
  }

  /** Stores the consent for what was shown, and starts it. */
  async allow(reviews: readonly Review[]): Promise<void> {
    if (reviews.length === 0) return;
    await this.#parts.consents.add(reviews);
    await this.#parts.reconfigure();
    this.#settle();
  }

  refuse(reviews: readonly Review[]): void {
    for (const review of reviews) this.#refused.add(keyOf(review));
    this.#settle();
  }

  /** Forgets what was allowed and refused in this workspace, and stops what may not run any more. @returns how many consents there were */
  async reset(): Promise<number> {
    const count = await this.#parts.consents.reset();
    this.#refused.clear();
    await this.#parts.reconfigure();
    return count;
  }

  /** Answers the questions whose every server has been decided on, wherever that was. */
  #settle(): void {
    const { consents } = this.#parts;
    for (const { id, request } of this.questions.open) {
      const allowed = request.filter((review) => consents.covers(review));
      if (request.every((review) => allowed.includes(review) || this.#refused.has(keyOf(review))))
        this.questions.answer(id, allowed);
    }
  }
}

const keyOf = ({ id, fingerprint }: Review): string => JSON.stringify([id, fingerprint]);
