/** What one unfinished message holds. */
export interface Claim {
  /** It holds so many bytes more. May end this claim or others. */
  grow(bytes: number): void;
  /** It holds nothing any more. */
  end(): void;
}

interface Held {
  bytes: number;
  /** When it last had grown by `PROGRESS_BYTES`, and how far it had come then. */
  progressAt: number;
  progressBytes: number;
  readonly giveUp: () => void;
}

/** A message that grew by less than so many bytes in so many milliseconds has come to a stop. */
const PROGRESS_BYTES = 64 * 1024;
const STOPPED_MS = 10_000;

/**
 * Bounds what all unfinished messages hold together. Beyond it the youngest is given up, so that the oldest may always
 * finish: were each to wait for the others, none would. Before it those that have come to a stop, oldest first: else a few
 * that never end would keep all others out.
 */
export class MessageBudget {
  /** Oldest first. */
  readonly #held: Held[] = [];
  #bytes = 0;

  /** @param now milliseconds of a clock that only goes forward; another one in tests */
  constructor(
    readonly maxBytes: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param giveUp is called once when it is over the bound and the youngest; its claim has ended by then */
  claim(giveUp: () => void): Claim {
    const own: Held = { bytes: 0, progressAt: this.now(), progressBytes: 0, giveUp };
    this.#held.push(own);
    return {
      grow: (bytes) => {
        if (!this.#held.includes(own)) return;
        own.bytes += bytes;
        this.#bytes += bytes;
        if (own.bytes >= own.progressBytes + PROGRESS_BYTES) {
          own.progressAt = this.now();
          own.progressBytes = own.bytes;
        }
        while (this.#bytes > this.maxBytes && this.#held.length > 1) {
          const one = this.#held.find(this.#hasStopped) ?? this.#held.at(-1);
          if (!one) return;
          this.#end(one);
          one.giveUp();
        }
      },
      end: () => {
        this.#end(own);
      },
    };
  }

  readonly #hasStopped = ({ progressAt }: Held): boolean => this.now() - progressAt > STOPPED_MS;

  #end(own: Held): void {
    const index = this.#held.indexOf(own);
    if (index === -1) return;
    this.#held.splice(index, 1);
    this.#bytes -= own.bytes;
  }
}
