/** The bounds of the HTTP door. Tests shorten them; nobody else needs to. Times in milliseconds. */
export interface DoorLimits {
  readonly sessions: number;
  /** After how long a session without a stream and without a request in work is ended. */
  readonly idleMs: number;
  /** How often a client's own token is held against those that still hold. */
  readonly revocationMs: number;
  /** Beyond it the oldest goes on which no token was shown. */
  readonly connections: number;
  /** Requests of one session that have no answer yet. */
  readonly inWork: number;
  /** Of one message that a client posts. */
  readonly bodyBytes: number;
  /** How long a client may take to send the head of a request, */
  readonly headersMs: number;
  /** and all of it. */
  readonly requestMs: number;
  /** How often a stream on which nothing happens shows that it is alive. */
  readonly keepAliveMs: number;
  /** How long an answer is awaited before it is promised as a stream, so that the client sees that its request arrived. */
  readonly plainMs: number;
  /** How long a question to the client waits for a connection that it can be asked over. */
  readonly reachMs: number;
  /** Events that one session keeps for clients that come back, */
  readonly keptEvents: number;
  /** and their characters; the newest is kept whatever its size. */
  readonly keptChars: number;
  /** When a connection is ended that waits beyond those that a session keeps; later than its client is told. */
  readonly briefMs: number;
  /** Bytes that a client has not read yet; at the next message beyond it, its connection is ended. More than is kept. */
  readonly unreadBytes: number;
  /** How long connections have to end by themselves when the door closes. */
  readonly closeMs: number;
}

/**
 * VS Code alone opens a session for each of up to 500 servers and window, with a connection for its stream. A message is at
 * most 1 MiB, because whoever posts it is not known to be well-meaning before it is read.
 */
export const DEFAULT_LIMITS: DoorLimits = {
  sessions: 1024,
  idleMs: 30 * 60_000,
  revocationMs: 1000,
  connections: 2048,
  inWork: 256,
  bodyBytes: 1024 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 15_000,
  plainMs: 15_000,
  reachMs: 10_000,
  keptEvents: 500,
  keptChars: 4 * 1024 * 1024,
  briefMs: 6000,
  unreadBytes: 8 * 1024 * 1024,
  closeMs: 500,
};
