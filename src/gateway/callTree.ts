import { randomUUID } from 'node:crypto';
import { tooDeep } from './model/errors.js';
import type { Permit } from './upstream/permits.js';

/** Where a request's token travels: `params._meta` of every request that the gateway sends to a server. */
export const CALL_META = 'mcp-tool-gateway/call';

/** How deep servers may call each other through the gateway. */
const MAX_DEPTH = 10;

/** One request in work. */
export interface Call {
  /** Names this request to the server that works on it; a request made with it is this one's descendant. */
  readonly token: string;
  /** The permit that is lent out for as long as descendants are in work. */
  hold(permit: Permit): void;
  /** The request has ended, however it did. */
  leave(): void;
}

/**
 * Which requests were made while the gateway worked on which other ones: bounds their depth, and lends an ancestor's
 * permit for as long as a descendant needs one (invariants AcyclicOrBounded, NoWaitWhileHolding).
 */
export class CallTree {
  readonly #nodes = new Map<string, Node>();

  /**
   * @param caller the token of the request during which this one is made, if it is known
   * @throws `too-deep`
   */
  enter(caller: string | undefined): Call {
    const parent = caller === undefined ? undefined : this.#nodes.get(caller);
    const depth = parent ? parent.depth + 1 : depthOf(caller);
    if (depth > MAX_DEPTH) throw tooDeep(MAX_DEPTH);
    const node = new Node(`${randomUUID()}.${depth}`, depth);
    this.#nodes.set(node.token, node);
    parent?.descend();
    let left = false;
    return {
      token: node.token,
      hold: (permit) => {
        node.hold(permit);
      },
      leave: () => {
        if (left) return;
        left = true;
        this.#nodes.delete(node.token);
        parent?.ascend();
      },
    };
  }
}

/** Another gateway's token is not in this one's tree, but its depth counts on. */
const depthOf = (caller: string | undefined): number =>
  caller === undefined ? 0 : Number(/\.(\d{1,3})$/.exec(caller)?.[1] ?? 0) + 1;

class Node {
  #permit: Permit | undefined;
  #takeBack: (() => void) | undefined;
  #descendants = 0;

  constructor(
    readonly token: string,
    readonly depth: number,
  ) {}

  hold(permit: Permit): void {
    this.#permit = permit;
  }

  descend(): void {
    this.#descendants++;
    if (this.#descendants === 1) this.#takeBack = this.#permit?.lend();
  }

  ascend(): void {
    this.#descendants--;
    if (this.#descendants > 0) return;
    this.#takeBack?.();
    this.#takeBack = undefined;
  }
}
