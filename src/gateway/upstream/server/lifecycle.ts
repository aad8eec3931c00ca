import { deferred } from '../../../base/async/deferred.js';
import type { Generation } from './generation.js';
import type { StartTicket } from './startQueue.js';

/** One try to bring a server to life. */
export interface Attempt {
  readonly controller: AbortController;
  /** Follows the next attempt when this one is superseded. */
  readonly promise: Promise<Generation>;
  /** Its place among the programs that start; a server over HTTP needs none. */
  readonly ticket: StartTicket | undefined;
}

/** What a server is doing, each state with only its own data. Times are milliseconds on a monotonic clock. */
export type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly attempt: Attempt }
  | { readonly kind: 'live'; readonly generation: Generation }
  /** Stopped for want of use; its process is on its way out. */
  | { readonly kind: 'draining' }
  /** Its last start or connection failed; lists start it again from `retryAt` on. */
  | { readonly kind: 'waiting'; readonly retryAt: number; readonly timer: NodeJS.Timeout }
  /** Failed too often: probed by the timer, started by a call or by hand, not by lists. Without a timer by hand only. */
  | { readonly kind: 'parked'; readonly timer: NodeJS.Timeout | undefined }
  | { readonly kind: 'disposed' };

export type Kind = State['kind'];
export type StateOf<K extends Kind> = Extract<State, { kind: K }>;
/** Whatever is not over yet. */
export type Current = Exclude<State, { kind: 'disposed' }>;

/** For each state those that it may follow; whatever is not here does not type-check. */
interface Sources {
  idle: Current['kind'];
  starting: 'idle' | 'draining' | 'waiting' | 'parked';
  live: 'starting';
  draining: 'live';
  waiting: 'starting' | 'live';
  parked: 'starting' | 'live';
  disposed: 'idle';
}

/** Holds the state of one server and the rules by which it changes. */
export class Lifecycle {
  #state: State = { kind: 'idle' };
  #changed = deferred();

  constructor(private readonly onChange: () => void) {}

  get state(): State {
    return this.#state;
  }

  /** Resolves at the next change. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /**
   * @param from the state that the caller decided on
   * @returns whether that was still the state; if not, nothing has changed
   */
  move<T extends State>(from: StateOf<Sources[T['kind']]>, to: T): boolean {
    const before: State = from;
    if (this.#state !== before) return false;
    if (before.kind === 'waiting' || before.kind === 'parked') clearTimeout(before.timer);
    this.#state = to;
    this.#changed.resolve();
    this.#changed = deferred();
    this.onChange();
    return true;
  }
}
