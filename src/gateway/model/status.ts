import type { CacheState } from './cacheState.js';
import type { Unread } from './catalog.js';
import type { Failure } from './failure.js';
import type { Launch, ServerId } from './definition.js';

/**
 * What a server's connection is doing. `draining`: stopped for want of use, its process is on its way out; `waiting`: its
 * last start or connection failed, it is tried again soon; `parked`: failed too often, probed at long intervals.
 */
export type ConnectionPhase = 'idle' | 'starting' | 'live' | 'draining' | 'waiting' | 'parked' | 'disposed';

/** One server at one moment, for status bars, tables and lists. Times are milliseconds since 1970. */
export interface ServerStatus {
  readonly id: ServerId;
  readonly title: string;
  readonly transport: Launch['type'];
  readonly cacheState: CacheState;
  readonly phase: ConnectionPhase;
  /** How many tools are shown, after filters; `undefined` while nothing is known. */
  readonly tools: number | undefined;
  /** Of the last start or refresh that failed, until the next that succeeds. */
  readonly failure: Failure | undefined;
  /** The kinds whose lists could not be read, each with the reason; the rest is served. */
  readonly unread: Unread;
  readonly lastStart: { readonly at: number; readonly durationMs: number | undefined } | undefined;
}
