import type { ServerId } from './definition.js';

type Params = Readonly<Record<string, unknown>>;

/** What a server asks of its client: sampling, elicitation, roots, or what a later revision of MCP adds. */
export interface ServerAsks {
  readonly server: ServerId;
  readonly method: string;
  /** As the server sent them, without its progress token. */
  readonly params: Params;
  /** Aborts when the server cancels, its connection ends, or the request during which it asks ends. */
  readonly signal: AbortSignal;
  /** Tells the server how far the answer is; `undefined` when it did not ask to be told. */
  readonly onProgress: ((progress: Params) => void) | undefined;
  /** The options of the client's own request during which the server asks, where that is known. */
  readonly during: object | undefined;
}

/** Names one client among all that use the gateway; nothing is read from it. */
export type ClientKey = string;

/** The key of requests that come through no session: `@mcp`, the command line, and whoever holds the gateway itself. */
export const HOST_KEY: ClientKey = 'host';

/**
 * Somebody who uses servers through the gateway and can answer what they ask: a session of the endpoint, or the host
 * itself (VS Code).
 */
export interface Client {
  /**
   * Whose requests are its: servers let clients in by turns of these, and tasks belong to them. Two sessions with the
   * same key are one client.
   */
  readonly key: ClientKey;
  /** How it names itself, for the record of calls. */
  readonly label?: string;
  /** What it can be asked, as MCP's `ClientCapabilities`; servers are told of it when they are started. */
  readonly capabilities: Params;
  /** Whether it can answer such a request, by the capabilities that it declared. */
  answers(asks: Pick<ServerAsks, 'server' | 'method' | 'params'>): boolean;
  /**
   * @returns the result that goes to the server
   * @throws `ClientError`; anything else reaches the server as an internal error without details
   */
  answer(asks: ServerAsks): Promise<Params>;
}

/** JSON-RPC error codes for a `ClientError`: what is asked cannot be, and it failed. */
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** A refusal or an error that goes to the server as it is. */
export class ClientError extends Error {
  override readonly name = 'ClientError';

  constructor(
    /** JSON-RPC error code; a user who says no is -1 (MCP 2025-11-25, "Sampling"). */
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}
