import type { RequestId, RequestMessage } from '../protocol/messages.js';
import type { Answer } from './answers.js';
import type { GatewaySession } from './clientSession.js';

interface Question {
  readonly session: GatewaySession;
  /** As the gateway numbered it in that session. */
  readonly id: RequestId;
}

/** Requests of the gateway that the client may leave without an answer; of more the oldest are forgotten. */
const MAX_OPEN = 1000;

/**
 * What the gateway has asked the client. The client sees numbers of ours: those of two sessions could be the same, and an
 * answer must not reach a session that did not ask.
 */
export class PendingServerRequests {
  readonly #open = new Map<RequestId, Question>();
  #next = 1;

  /** @returns the request as the client sees it */
  ask(session: GatewaySession, request: RequestMessage): RequestMessage {
    const own = `gateway-${this.#next++}`;
    this.#open.set(own, { session, id: request.id });
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) break;
      this.#open.delete(oldest);
    }
    return { ...request, id: own };
  }

  /** @returns the client's answer as its session understands it; `undefined` when nobody waits for it */
  answer(message: Answer): { readonly session: GatewaySession; readonly message: Answer } | undefined {
    const question = this.#open.get(message.id);
    this.#open.delete(message.id);
    return question && { session: question.session, message: { ...message, id: question.id } };
  }

  /** The gateway does not want an answer any more. @returns the request's id as the client knows it */
  withdraw(session: GatewaySession, id: unknown): RequestId | undefined {
    for (const [own, question] of this.#open)
      if (question.session === session && question.id === id) {
        this.#open.delete(own);
        return own;
      }
    return undefined;
  }

  /** Nobody waits for answers any more. @returns the ids as the client knows them */
  forget(): readonly RequestId[] {
    const all = [...this.#open.keys()];
    this.#open.clear();
    return all;
  }
}
