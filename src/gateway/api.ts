import type { CatalogKind, JsonSchema } from './model/catalog.js';
import type { GatewayConfig, ServerId } from './model/definition.js';
import type {
  ListedPrompt,
  ListedResource,
  ListedResourceTemplate,
  ListedTool,
  Listing,
} from './model/listing.js';
import type { CallToolResult, GetPromptResult, Progress, ReadResourceResult } from './model/results.js';
import type { ServerStatus } from './model/status.js';
import type { GatewayOptions } from './ports.js';
import type { Event } from './util/event.js';

/** For every request that goes to a server. */
export interface RequestOptions {
  /** Aborting cancels the request upstream and rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /**
   * The token of the request during which this one is made, when a server calls back into the gateway: what it was sent in
   * `_meta['mcp-tool-gateway/call']`. Bounds the depth and keeps such calls from waiting for each other.
   */
  readonly caller?: string;
}

export interface CallOptions extends RequestOptions {
  /** Refuse arguments that do not fit the tool's input schema, instead of leaving that to the server. */
  readonly checkArguments?: boolean;
  /**
   * What the caller was shown when it decided to run the tool. Should the live tool belong to another definition, or no
   * longer say that it only reads, then nothing is run: a cached catalog is no authority for trust (CacheIsHint).
   */
  readonly listed?: ListedTool;
}

/**
 * The gateway as every door sees it. List methods never throw for a server's failure: they say so in
 * `Listing.omitted`. Requests throw `GatewayError` (see `model/errors.ts` for the codes).
 */
export interface Gateway {
  readonly listTools: (signal?: AbortSignal) => Promise<Listing<ListedTool>>;
  readonly listResources: (signal?: AbortSignal) => Promise<Listing<ListedResource>>;
  readonly listResourceTemplates: (signal?: AbortSignal) => Promise<Listing<ListedResourceTemplate>>;
  readonly listPrompts: (signal?: AbortSignal) => Promise<Listing<ListedPrompt>>;

  /**
   * Runs a tool by its public name; starts its server if need be and checks that the tool is still there.
   * @throws `unknown-name`, `tool-gone`, `tool-changed`, `invalid-arguments`, `server-unavailable`, `too-busy`, `too-deep`, `call-timeout`,
   * `connection-lost`, `server-error`, `bad-response`, `cancelled`, `disposed`
   */
  callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<CallToolResult>;
  /** @throws as `callTool` */
  readResource(server: ServerId, uri: string, options?: RequestOptions): Promise<ReadResourceResult>;
  /**
   * @param name public name
   * @throws as `callTool`
   */
  getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options?: RequestOptions,
  ): Promise<GetPromptResult>;

  /** In the order of the settings. */
  readonly servers: () => readonly ServerStatus[];
  readonly problems: GatewayConfig['problems'];
  /** Something in `servers()` or `problems` may have changed; coalesced, fires at most once per turn of the event loop. */
  readonly onDidChangeServers: Event<void>;
  /** A server's published items of these kinds changed (also by filter, or because the server came or went). */
  readonly onDidChangeCatalog: Event<CatalogChange>;

  /** Takes new settings: starts, stops or restarts exactly the servers whose fingerprint changed. */
  configure(config: GatewayConfig, options: GatewayOptions): void;
  /** Starts in the background what has no current catalog, a few at a time, so that the first list finds it ready. */
  warmUp(): Promise<void>;
  /** Starts the server anew, at once and with a fresh grace; calls in flight may end on the old connection. @throws `unknown-name`, `server-unavailable` */
  restart(server: ServerId, signal?: AbortSignal): Promise<void>;
  /** Lists everything anew from every server, starting those that do not run; answers each server's failure, if any. */
  refreshAll(signal?: AbortSignal): Promise<readonly { server: ServerId; error: Error | undefined }[]>;
  /** Forgets cached catalogs, of one server or of all; what is live is listed anew, the rest is Unknown with a fresh grace. */
  resetCache(server?: ServerId): Promise<void>;
  /** Stops every server; resolves when nothing of them is left. */
  dispose(): Promise<void>;
}

export interface CatalogChange {
  readonly server: ServerId;
  readonly kinds: readonly CatalogKind[];
}

/**
 * Whether arguments fit a tool's input schema.
 * @returns what is wrong, one sentence each; empty when they fit or when the schema itself is not usable.
 */
export type CheckArguments = (schema: JsonSchema, args: unknown) => readonly string[];
