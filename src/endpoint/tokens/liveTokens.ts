import { timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { tokenDigest } from '../../base/token.js';
import { isExpired, type ClientToken } from './clientToken.js';

/** Milliseconds that a revoked token may still be let in for. */
const RECHECK_MS = 1000;
/** Milliseconds between two readings for tokens that are not known: they may have been made just now. */
const STRANGER_MS = 200;

interface Known {
  readonly token: ClientToken;
  readonly digest: Buffer;
}

/**
 * The clients' tokens as an endpoint knows them: read when somebody shows one that is not known, and again while one is in
 * use, because another program may revoke it.
 */
export class LiveTokens {
  readonly #list: () => Promise<readonly ClientToken[]>;
  #known: readonly Known[] = [];
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;
  #later: Promise<void> | undefined;

  /** @param list never throws */
  constructor(list: () => Promise<readonly ClientToken[]>) {
    this.#list = list;
  }

  /**
   * Finds whose token this is. One that is not known waits for the next reading: it may have been made just now, while
   * others knocked.
   * @param shown SHA-256 of what the client showed
   * @returns `undefined` for one that is not known, or has expired, or was revoked a second ago or longer
   */
  async find(shown: Buffer): Promise<ClientToken | undefined> {
    const found = this.peek(shown);
    const age = performance.now() - this.#readAt;
    if (found && age <= RECHECK_MS) return found;
    await (found ? this.#read() : this.#readLater(STRANGER_MS - age));
    return this.peek(shown);
  }

  /** The same, by what is known already. */
  peek(shown: Buffer): ClientToken | undefined {
    const now = Date.now();
    let found: ClientToken | undefined;
    // All of them, so that the time tells nothing.
    for (const { token, digest } of this.#known)
      if (timingSafeEqual(digest, shown) && !isExpired(token, now)) found = token;
    return found;
  }

  #readLater(ms: number): Promise<void> {
    this.#later ??= delay(Math.max(0, ms))
      .then(() => this.#read())
      .finally(() => {
        this.#later = undefined;
      });
    return this.#later;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#list()
      .then((tokens) => {
        this.#known = tokens.map((token) => ({ token, digest: tokenDigest(token.token) }));
        this.#readAt = performance.now();
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }
}
