/** What one unfinished message holds. */
export interface Claim {
  /** It holds so many bytes more. May end this claim or others. */
  grow(bytes: number): void;
  /** It holds nothing any more. */
  end(): void;
}

interface Held {
  bytes: number;
  readonly giveUp: () => void;
}

/**
 * Bounds what all unfinished messages hold together. Beyond it the youngest is given up, so that the oldest may always
 * finish: were each to wait for the others, none would.
 */
export class MessageBudget {
  /** Oldest first. */
  readonly #held: Held[] = [];
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param giveUp is called once when it is over the bound and the youngest; its claim has ended by then */
  claim(giveUp: () => void): Claim {
    const own = { bytes: 0, giveUp };
    this.#held.push(own);
    return {
      grow: (bytes) => {
        if (!this.#held.includes(own)) return;
        own.bytes += bytes;
        this.#bytes += bytes;
        while (this.#bytes > this.maxBytes && this.#held.length > 1) {
          const youngest = this.#held.at(-1);
          if (!youngest) return;
          this.#end(youngest);
          youngest.giveUp();
        }
      },
      end: () => {
        this.#end(own);
      },
    };
  }

  #end(own: Held): void {
    const index = this.#held.indexOf(own);
    if (index === -1) return;
    this.#held.splice(index, 1);
    this.#bytes -= own.bytes;
  }
}
