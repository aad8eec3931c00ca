import type { Transport } from '../protocol/transport.js';
import type { Logger } from '../gateway/ports.js';
import type { Target } from './endpoint.js';
import type { ClientToken } from './tokens/clientToken.js';
import type { LiveTokens } from './tokens/liveTokens.js';

/** One client's conversation; the door makes a transport for each, and this is at the other end of it. */
export interface SessionHandler {
  /** The session ended: the client deleted it, it was idle for too long, or the door closes. Called once. */
  dispose(): void;
}

/** What is behind the door. */
export interface DoorOptions {
  readonly logger: Logger;
  readonly token: () => string;
  /** Tokens of single clients, if there are such. */
  readonly clients?: LiveTokens | undefined;
  readonly port: number;
  /** Where to listen beside the port, best first; none for the port alone. */
  readonly socketPaths: readonly string[];
  /** Whether there is such a server now, for this client; else its path is 404. */
  readonly knows: (target: Target, client: ClientToken | undefined) => boolean;
  /**
   * Takes a new session in. The transport is not started yet: the handler sets its callbacks before it returns, and is
   * then given the `initialize` request through `onmessage` like any other message.
   * @param client whose token it came with; missing for the gateway's own
   */
  readonly open: (target: Target, transport: Transport, client: ClientToken | undefined) => SessionHandler;
}

/** Streamable HTTP (MCP 2025-11-25, "Transports") on loopback: routes, guards, sessions, streams; knows no methods but `initialize`. */
export interface Door {
  /** 0 where the system has no port for it. */
  readonly port: number;
  /** The path of the socket that it listens at too. */
  readonly socket: string | undefined;
  endSessions(): void;
  dispose(): Promise<void>;
}
