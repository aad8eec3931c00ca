import type { CacheState } from './cacheState.js';
import type { Launch, ServerId } from './definition.js';

/**
 * What a server's connection is doing. `draining`: stopped for want of use, its process is on its way out; `waiting`: its
 * last start or connection failed, it is tried again soon; `parked`: failed too often, probed at long intervals.
 */
export type ConnectionPhase = 'idle' | 'starting' | 'live' | 'draining' | 'waiting' | 'parked' | 'disposed';

/** Why a server is not live, for people (`message`) and for programs (`code`). */
export interface Failure {
  readonly code: string;
  /** One or two sentences about the server, without its name; then, line by line, what it last said, if anything. */
  readonly message: string;
  /** What only the log has room for. */
  readonly detail?: string;
}

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
  readonly lastStart: { readonly at: number; readonly durationMs: number | undefined } | undefined;
}
