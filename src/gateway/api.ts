import type { NameForm } from './model/nameForm.js';
import type { CatalogKind, ServerFacts } from './model/catalog.js';
import type { Client } from './model/client.js';
import type { DisabledServer, GatewayConfig, ServerId, WithheldServer } from './model/definition.js';
import type {
  ListedPrompt,
  ListedResource,
  ListedResourceTemplate,
  ListedTool,
  Listing,
  Omission,
} from './model/listing.js';
import type {
  CallToolResult,
  GetPromptResult,
  LargeResult,
  Progress,
  ReadResourceResult,
} from './model/results.js';
import type { ServerStatus } from './model/status.js';
import type { GatewayOptions } from './ports.js';
import type { Disposable, Event } from '../base/event.js';

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
  /** Whoever makes the request; it is asked what the server asks meanwhile, if it can answer that. */
  readonly client?: Client;
}

export interface CallOptions extends RequestOptions {
  /** Refuse arguments that do not fit the tool's input schema, as far as that shows in time, instead of leaving it to the server. */
  readonly checkArguments?: boolean;
  /**
   * What the caller was shown when it decided to run the tool. Should the live tool belong to another definition, or say
   * anything else of itself (`toolDigest`), then nothing is run: a cached catalog is no authority for trust (CacheIsHint).
   */
  readonly listed?: ListedTool;
  /** Bytes of a result that the caller can use; a larger one is not read, and fails with `bad-response`. */
  readonly maxResultBytes?: number;
}

/**
 * The gateway as every door sees it. List methods never throw for a server's failure: they say so in
 * `Listing.omitted`. Requests throw `GatewayError` (see `model/errors.ts` for the codes).
 */
export interface Gateway {
  readonly listTools: ListMethod<ListedTool>;
  readonly listResources: ListMethod<ListedResource>;
  readonly listResourceTemplates: ListMethod<ListedResourceTemplate>;
  readonly listPrompts: ListMethod<ListedPrompt>;

  /** What is known of the resources of each server now; starts nothing and waits for nothing. */
  readonly knownResources: () => readonly {
    readonly resources: readonly ListedResource[];
    readonly resourceTemplates: readonly ListedResourceTemplate[];
  }[];

  /**
   * What a server says of itself, by the same grace rule as a list.
   * @throws `unknown-name`, `disposed`, the signal's reason
   */
  readonly describe: (server: ServerId, signal?: AbortSignal) => Promise<ServerDescription>;

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

  /**
   * Sends any request to one server as it is, under the server's own names; starts it if need be. For a tool that the
   * filter hides, or that is gone, nothing is sent.
   * @param params as the client sent them; of its `_meta` the progress token is left out
   * @returns a large result as the bytes that came, to be passed on; `parse` reads it
   * @throws as `callTool`
   */
  readonly request: (
    server: ServerId,
    method: string,
    params: Params,
    options?: CallOptions,
  ) => Promise<Params | LargeResult>;

  /**
   * What a public name stands for: the server, and the name that the server knows.
   * @param sees which servers it is looked for at, all where it is left out: no other is started or named in an error
   * @param names the form that the asker lists; canonical names are understood too
   * @throws `unknown-name`, or what starting the server that the name points at throws
   */
  readonly locate: (
    kind: 'tool' | 'prompt',
    name: string,
    signal?: AbortSignal,
    sees?: ServerFilter,
    names?: NameForm,
  ) => Promise<{ readonly server: ServerId; readonly name: string }>;

  /**
   * Whether a tool says that it only reads, and its server, as it is defined now, is one that the user trusts to tell
   * the truth about that. The hint alone is a server's word.
   */
  readonly isTrustedReadOnly: (tool: ListedTool) => boolean;

  /**
   * Takes somebody in who hears of servers, and is asked what they ask outside of any request, if nobody else can be
   * meant. Dispose the answer when it goes: its wishes for updates and for logs end with it.
   */
  readonly attach: (client: AttachedClient) => ClientAttachment;

  /** Whether the settings have such a server; one whose settings are wrong is known too. */
  readonly knows: (server: ServerId) => boolean;
  /** In the order of the settings. */
  readonly servers: () => readonly ServerStatus[];
  readonly problems: GatewayConfig['problems'];
  /** The servers of the settings that must not start here; they are in `servers()` only where another runs in their place. */
  readonly withheld: readonly WithheldServer[];
  /** What the settings leave out on purpose; no list has anything of it. */
  readonly disabled: readonly DisabledServer[];
  /** Something in `servers()`, `problems`, `withheld` or `disabled` may have changed; coalesced, fires at most once per turn of the event loop. */
  readonly onDidChangeServers: Event<void>;
  /** A server's published items of these kinds changed (also by filter, or because the server came or went). */
  readonly onDidChangeCatalog: Event<CatalogChange>;

  /** Takes new settings: starts, stops or restarts exactly the servers whose fingerprint changed. */
  configure(config: GatewayConfig, options: GatewayOptions): void;
  /** Starts in the background what has no current catalog, so that the first list finds it ready. */
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

type Params = Readonly<Record<string, unknown>>;

/** Says which servers somebody sees. */
export type ServerFilter = (server: ServerId) => boolean;

/**
 * @param only lists only this one's, or theirs, and starts and awaits no other
 * @param names form of the public names; the canonical one where it is left out
 * @throws `disposed`, the signal's reason; with an id `unknown-name` too
 */
export type ListMethod<T> = (
  signal?: AbortSignal,
  only?: ServerId | ServerFilter,
  names?: NameForm,
) => Promise<Listing<T>>;

/** What a server said at its handshake; `known` is missing while nothing is known, `omission` then says why. */
export interface ServerDescription {
  readonly server: ServerId;
  readonly title: string;
  readonly known: ServerFacts | undefined;
  readonly omission: Omission | undefined;
}

/** Somebody who stays for a while and sees some of the servers. */
export interface AttachedClient extends Client {
  sees(server: ServerId): boolean;
  /** Whether it is there to be asked something outside of its own requests; one that went away without a word is not. */
  reachable(): boolean;
  /** Whether it began this task (MCP 2025-11-25, "Tasks") at this server: nobody else is asked or told anything of it. */
  ownsTask(server: ServerId, taskId: unknown): boolean;
  /**
   * A server's notification that concerns this client: an update of a resource that it subscribed to, a log message that
   * its level lets through, and whatever else is not a change of lists. `during` is set when it came during one of the
   * client's own requests: that request's `options`.
   */
  notified(server: ServerId, method: string, params: Params, during: RequestOptions | undefined): void;
}

export interface ClientAttachment extends Disposable {
  /** Updates of a resource, also after the server was restarted. @throws as `Gateway.request` */
  subscribe(server: ServerId, uri: string, options?: RequestOptions): Promise<void>;
  unsubscribe(server: ServerId, uri: string, options?: RequestOptions): Promise<void>;
  /** The least severe log messages (RFC 5424 name) that it wants, of the servers that it sees; until then the servers decide. */
  setLogLevel(level: LogLevel): void;
  /** Tells the servers that it sees, and that run, that its roots are others now. */
  rootsChanged(): void;
}

/** MCP `LoggingLevel`, least severe first. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface CatalogChange {
  readonly server: ServerId;
  readonly kinds: readonly CatalogKind[];
}
