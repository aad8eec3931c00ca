import type { RequestMessage } from '../protocol/messages.js';
import type { Answer } from './answers.js';

/** Resources whose updates are asked for again; of more the oldest are forgotten. */
const MAX_SUBSCRIPTIONS = 1000;

/** What a client has asked for that lasts as long as its session, so that the next session can be asked for it too. */
export class ReplayableState {
  readonly #subscriptions = new Map<unknown, RequestMessage>();
  #logLevel: RequestMessage | undefined;

  /** Takes note of a request that was answered. */
  note(request: RequestMessage, answer: Answer): void {
    if ('error' in answer) return;
    const uri = request.params?.['uri'];
    switch (request.method) {
      case 'logging/setLevel':
        this.#logLevel = request;
        return;
      case 'resources/subscribe':
        this.#subscriptions.set(uri, request);
        for (const oldest of this.#subscriptions.keys()) {
          if (this.#subscriptions.size <= MAX_SUBSCRIPTIONS) break;
          this.#subscriptions.delete(oldest);
        }
        return;
      case 'resources/unsubscribe':
        this.#subscriptions.delete(uri);
    }
  }

  /** The same requests for another session, under ids that no client uses. */
  again(): readonly RequestMessage[] {
    return [...(this.#logLevel ? [this.#logLevel] : []), ...this.#subscriptions.values()].map(
      (request, index) => ({ ...request, id: `mcp-tool-gateway/again-${index}` }),
    );
  }
}
