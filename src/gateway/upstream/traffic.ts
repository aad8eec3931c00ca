import type { Params } from '../../protocol/messages.js';
import type { IncomingRequest } from '../../protocol/incoming.js';
import type { PeerRequestOptions } from '../../protocol/pendingRequest.js';
import type { ServerId } from '../model/definition.js';

/** The way to a live server. */
export interface Line {
  /** As the server told them at the handshake. */
  readonly capabilities: Params;
  /** The capabilities of clients that the server was told of. */
  readonly told: Params;
  request(method: string, params: Params | undefined, options: PeerRequestOptions): Promise<Params>;
  notify(method: string, params?: Params): Promise<void>;
}

/** What servers send of their own accord, and who waits for it. */
export interface ServerTraffic {
  /** What those who use a server can be asked now, as MCP's `ClientCapabilities`. */
  capabilities(server: ServerId): Params;
  /** @throws RpcError */
  onServerRequest(
    server: ServerId,
    method: string,
    params: Params,
    incoming: IncomingRequest,
  ): Promise<Params>;
  /** Of any notification but of changed lists. @param during as `IncomingRequest.during` */
  onNotification(server: ServerId, method: string, params: Params, during: readonly object[]): void;
  /** A server came to life, and knows nothing of what was asked of it before. */
  onReady(server: ServerId, line: Line): void;
  /** Whether somebody waits for what only a running server sends. */
  hasSubscribers(server: ServerId): boolean;
}
