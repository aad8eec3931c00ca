import type { Params } from '../../protocol/messages.js';
import type { CatalogKind } from '../../gateway/model/catalog.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { Listing } from '../../gateway/model/listing.js';

/** Where a request goes, with the names that the server knows. */
export interface Destination {
  readonly server: ServerId;
  readonly params: Params;
}

/** What one path of the endpoint offers: one server as it is, or all under public names. */
export interface Scope {
  sees(server: ServerId): boolean;
  /**
   * What `initialize` answers beside the protocol's version; waits as a list does.
   * @param client how it names itself (`clientInfo.name`), which decides how names are written for it
   */
  describe(client: string | undefined, signal: AbortSignal): Promise<Params>;
  /** Items as clients see them. */
  list(kind: CatalogKind, signal: AbortSignal): Promise<Listing<Params>>;
  /** @returns `undefined` when there is nothing to do @throws RpcError or GatewayError when it goes nowhere */
  route(method: string, params: Params, signal: AbortSignal): Promise<Destination | undefined>;
  /** Whether `answered` may change the answer to this request; if not, it can be passed on unread. */
  rewrites(params: Params, destination: Destination): boolean;
  /**
   * A server answered a request that was routed to it. @returns the answer as the client sees it
   * @param result only its `factsOf` where it is passed on unread
   */
  answered(method: string, params: Params, destination: Destination, result: Params): Params;
  /** A notification of a server as the client sees it: none, or, where the client knows a thing under several names, several. */
  heard(server: ServerId, method: string, params: Params): readonly Params[];
  /** What a server asks, as the client is asked it. */
  question(server: ServerId, method: string, params: Params): Params;
  /** Whether the client began this task at this server. */
  ownsTask(server: ServerId, taskId: unknown): boolean;
  /** Methods whose answer is not one server's as it is; `undefined` for every other. */
  gather(
    method: string,
    params: Params,
    request: (method: string, destination: Destination) => Promise<Params>,
  ): Promise<Params> | undefined;
}
