import { ownId, type RequestId } from '../../protocol/messages.js';
import type { EventStream } from './eventStream.js';

/** What the client of one session is asked and has not answered: somebody who does not come for a question does not answer it. */
export class Questions {
  readonly #open = new Map<RequestId, EventStream>();

  /**
   * @param reachMs how long the stream of a question may be without a connection
   * @param onLost is told of each question that nobody will answer
   */
  constructor(
    private readonly reachMs: number,
    private readonly onLost: (id: RequestId) => void,
  ) {}

  asked(id: RequestId, stream: EventStream): void {
    this.#open.set(id, stream);
    if (!stream.connected) this.detached(stream);
  }

  /** It was answered, or is asked no more. */
  settled(id: unknown): void {
    this.#open.delete(ownId(id));
  }

  /** A stream has lost its connection. */
  detached(stream: EventStream): void {
    if (![...this.#open.values()].includes(stream)) return;
    const timer = setTimeout(() => {
      if (stream.connected) return;
      for (const [id, its] of [...this.#open]) if (its === stream && this.#open.delete(id)) this.onLost(id);
    }, this.reachMs);
    timer.unref();
  }

  clear(): void {
    this.#open.clear();
  }
}
