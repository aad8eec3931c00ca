import type { ServerId } from './definition.js';

/**
 * Every way in which the gateway itself can fail a request. A tool's own `isError` is a result, not one of these.
 * `cancelled`: by the caller's signal · `invalid-arguments`: do not match the tool's schema ·
 * `unknown-name`: no such tool, prompt or server · `tool-gone`: cached, but not offered any more ·
 * `tool-changed`: not what the caller was shown when it was allowed ·
 * `server-unavailable`: could not be started or connected · `call-timeout` · `connection-lost`: during the call ·
 * `too-busy`: too many requests to the server at once, or it does not read them · `too-deep`: servers call each other without end ·
 * `server-error`: the server answered with an error of JSON-RPC or HTTP · `bad-response`: not what the protocol says, or
 * too large ·
 * `disposed`: the gateway is shutting down.
 */
export type GatewayErrorCode =
  | 'cancelled'
  | 'invalid-arguments'
  | 'unknown-name'
  | 'tool-gone'
  | 'tool-changed'
  | 'server-unavailable'
  | 'call-timeout'
  | 'connection-lost'
  | 'too-busy'
  | 'too-deep'
  | 'server-error'
  | 'bad-response'
  | 'disposed';

/** Characters of a server's own words in a sentence for people. */
const MAX_RPC_MESSAGE = 4000;

/** Whether the server may have acted on the request: a request whose bytes may have left is `unknown`. */
export type Execution = 'not-executed' | 'unknown';

/** A failure with a code for programs, a sentence for people and the cause attached. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    readonly details: {
      readonly server?: ServerId;
      readonly execution?: Execution;
      /** For `server-error`: the error as the server sent it. */
      readonly rpc?: { readonly code: number; readonly message: string; readonly data: unknown };
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

export const isGatewayError = (error: unknown): error is GatewayError => error instanceof GatewayError;

/** The caller's signal ended the wait. */
export const cancelled = (execution: Execution, cause?: unknown): GatewayError =>
  new GatewayError('cancelled', 'The request was cancelled.', { execution, cause });

/** No tool, prompt or server of that name; `nearest` are names that the user may have meant. */
export function unknownName(
  kind: 'tool' | 'prompt' | 'server',
  name: string,
  nearest: readonly string[],
): GatewayError {
  const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : '';
  return new GatewayError('unknown-name', `There is no ${kind} named "${name}".${hint}`, {
    execution: 'not-executed',
  });
}

export const toolGone = (server: ServerId, tool: string): GatewayError =>
  new GatewayError(
    'tool-gone',
    `${server} no longer offers the tool "${tool}"; nothing was run. List the tools again to see what it offers now.`,
    { server, execution: 'not-executed' },
  );

export const toolChanged = (server: ServerId, tool: string): GatewayError =>
  new GatewayError(
    'tool-changed',
    `The tool "${tool}" of ${server} is not what it was when it was listed; nothing was run. List the tools again and decide anew.`,
    { server, execution: 'not-executed' },
  );

/** @param changed whether the tool's definition is another one than the caller could know */
export function invalidArguments(
  server: ServerId,
  tool: string,
  reasons: readonly string[],
  changed = false,
): GatewayError {
  const what = changed ? `the tool "${tool}" of ${server} as it is now` : `the tool "${tool}" of ${server}`;
  const hint = changed ? ' It has changed; list the tools again.' : '';
  return new GatewayError(
    'invalid-arguments',
    `The arguments do not fit ${what}: ${reasons.join('; ')}. Nothing was run.${hint}`,
    { server, execution: 'not-executed' },
  );
}

/** @param waitedMs milliseconds in the queue; `undefined` when the queue itself was full */
export const tooBusy = (server: ServerId, waitedMs: number | undefined, cause: unknown): GatewayError =>
  new GatewayError(
    'too-busy',
    (waitedMs === undefined
      ? `Too many requests to ${server} wait already; nothing was run. Try again when some have ended`
      : `${server} was busy with other requests for ${waitedMs} ms; nothing was run. Try again`) +
      `, or raise mcpGateway.servers.${server}.maxConcurrency.`,
    { server, execution: 'not-executed', cause },
  );

export const notReading = (server: ServerId, cause: unknown): GatewayError =>
  new GatewayError(
    'too-busy',
    `${server} does not read what it is sent, and too much waits already; nothing was run. Wait until it has caught up, or restart it.`,
    { server, execution: 'not-executed', cause },
  );

/** @param maxDepth calls within calls that are allowed */
export const tooDeep = (maxDepth: number): GatewayError =>
  new GatewayError(
    'too-deep',
    `Servers call each other through the gateway more than ${maxDepth} levels deep; nothing was run. One of their tools calls itself without end.`,
    { execution: 'not-executed' },
  );

export const serverUnavailable = (server: ServerId, reason: string, cause?: unknown): GatewayError =>
  new GatewayError('server-unavailable', reason, { server, execution: 'not-executed', cause });

export const callTimeout = (server: ServerId, timeoutMs: number, cause: unknown): GatewayError =>
  new GatewayError(
    'call-timeout',
    `${server} did not answer within ${timeoutMs} ms; whether it acted is not known. ` +
      `Raise mcpGateway.servers.${server}.timeouts.callMs if it needs longer.`,
    { server, execution: 'unknown', cause },
  );

export const connectionLost = (server: ServerId, execution: Execution, cause: unknown): GatewayError =>
  new GatewayError(
    'connection-lost',
    execution === 'unknown'
      ? `The connection to ${server} was lost during the request; whether it acted is not known. See its log.`
      : `The connection to ${server} was lost before the request was sent; nothing was run. Try again.`,
    { server, execution, cause },
  );

export const serverError = (
  server: ServerId,
  rpc: { readonly code: number; readonly message: string; readonly data: unknown },
): GatewayError =>
  new GatewayError(
    'server-error',
    `${server} answered with error ${rpc.code}: ${rpc.message.slice(0, MAX_RPC_MESSAGE)}`,
    {
      server,
      execution: 'unknown',
      rpc,
    },
  );

/** @param what the status, and what to do about it */
export const httpError = (
  server: ServerId,
  what: string,
  execution: Execution,
  cause: unknown,
): GatewayError =>
  new GatewayError('server-error', `${server} answered with ${what}`, { server, execution, cause });

export const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;

export const answerTooLarge = (server: ServerId, maxBytes: number, cause: unknown): GatewayError =>
  new GatewayError(
    'bad-response',
    `The answer of ${server} is larger than ${mebibytes(maxBytes)} and was dropped; it may have acted all the same. ` +
      'Ask it for less at once: a smaller range, a page or a filter.',
    { server, execution: 'unknown', cause },
  );

export const answerDropped = (
  server: ServerId,
  cause: Error & { readonly why: string; readonly advice: string },
): GatewayError =>
  new GatewayError(
    'bad-response',
    `The answer of ${server} was dropped, because ${cause.why}; it may have acted all the same. ${cause.advice}`,
    { server, execution: 'unknown', cause },
  );

export const badResponse = (server: ServerId, what: string): GatewayError =>
  new GatewayError(
    'bad-response',
    `${server} answered ${what}. This is a fault of the server; see its log.`,
    {
      server,
      execution: 'unknown',
    },
  );

export const gatewayDisposed = (): GatewayError =>
  new GatewayError('disposed', 'The gateway is shutting down.', { execution: 'not-executed' });
