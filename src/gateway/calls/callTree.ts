import { randomUUID } from 'node:crypto';
import { InFlightMap } from '../../protocol/inFlightMap.js';
import type { ServerId } from '../model/definition.js';
import { tooDeep } from '../model/errors.js';
import type { Permit } from '../upstream/server/permits.js';

/** How deep servers may call each other through the gateway. */
const MAX_DEPTH = 10;

/**
 * Which requests were made while the gateway worked on which other ones: bounds their depth, and lends an ancestor's
 * permit for as long as descendants are in work (invariants AcyclicOrBounded, NoWaitWhileHolding).
 */
export class CallTree {
  readonly #calls = new InFlightMap<Call>();
  #last = 0;

  /** @param onEnter called with each request that comes in */
  constructor(private readonly onEnter?: () => void) {}

  /** The requests in work, the oldest first. */
  get inWork(): readonly Call[] {
    return this.#calls.values();
  }

  /**
   * @param server that is to work on the request
   * @param method of the request
   * @param caller the token of the request during which this one is made, if it is known
   * @throws `too-deep`
   */
  enter(server: ServerId, method: string, caller: string | undefined): Call {
    const parent = caller === undefined ? undefined : this.#find(caller);
    const depth = parent ? parent.depth + 1 : depthOf(caller);
    if (depth > MAX_DEPTH) throw tooDeep(MAX_DEPTH);
    const number = ++this.#last;
    const call = new Call(server, method, `${number}.${randomUUID()}.${depth}`, depth, parent, () => {
      this.#calls.delete(number);
    });
    this.#calls.set(number, call);
    this.onEnter?.();
    return call;
  }

  /** By its number, which says where to look; the rest of a token is what nobody can guess. */
  #find(token: string): Call | undefined {
    const call = this.#calls.get(parseInt(token, 10));
    return call?.token === token ? call : undefined;
  }
}

/** Another gateway's token is not in this one's tree, but its depth counts on. */
const depthOf = (caller: string | undefined): number =>
  caller === undefined ? 0 : Number(/\.(\d{1,3})$/.exec(caller)?.[1] ?? 0) + 1;

/** One request in work. */
export class Call {
  /** As `performance.now()`. */
  readonly since = performance.now();
  readonly #parent: Call | undefined;
  readonly #onLeave: () => void;
  #permit: Permit | undefined;
  #takeBack: (() => void) | undefined;
  #descendants = 0;
  #descended = false;
  #standIn: Call | undefined;
  #standsInFor: Call | undefined;

  /** @param token names this request to the server that works on it; a request made with it is this one's descendant */
  constructor(
    readonly server: ServerId,
    readonly method: string,
    readonly token: string,
    readonly depth: number,
    parent: Call | undefined,
    onLeave: () => void,
  ) {
    this.#parent = parent;
    this.#onLeave = onLeave;
  }

  /** Whether it was made during another one. */
  get descendant(): boolean {
    return this.#parent !== undefined;
  }

  /** Whether it was made during one at the same server, and is the only one for now that may stand in for that one. */
  comeBack(): boolean {
    let at = this.#parent;
    while (at && at.server !== this.server) at = at.#parent;
    if (!at || at.#standIn) return false;
    at.#standIn = this;
    this.#standsInFor = at;
    return true;
  }

  /** From now on the one that it was made during waits for it, and needs no permit meanwhile. */
  descend(): void {
    const parent = this.#parent;
    if (!parent || this.#descended) return;
    this.#descended = true;
    parent.#descendants++;
    if (parent.#descendants === 1) parent.#takeBack = parent.#permit?.lend();
  }

  /** The permit that is lent out for as long as descendants are in work. */
  hold(permit: Permit): void {
    this.#permit = permit;
  }

  /** It has ended, however it did. */
  leave(): void {
    this.#onLeave();
    if (this.#standsInFor) this.#standsInFor.#standIn = undefined;
    this.#standsInFor = undefined;
    const parent = this.#parent;
    if (!parent || !this.#descended) return;
    this.#descended = false;
    parent.#descendants--;
    if (parent.#descendants > 0) return;
    parent.#takeBack?.();
    parent.#takeBack = undefined;
  }
}
