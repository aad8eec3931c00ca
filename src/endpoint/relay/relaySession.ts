import { visible } from '../../base/text/visible.js';
import { RpcError } from '../../protocol/errors.js';
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  isObject,
  type Params,
  type RequestId,
} from '../../protocol/messages.js';
import type { IncomingRequest } from '../../protocol/incoming.js';
import { Peer } from '../../protocol/peer.js';
import { isLarge, readResult, type LargeResult } from '../../protocol/large/largeResult.js';
import { LATEST_REVISION, REVISIONS } from '../../protocol/revisions.js';
import type { Transport } from '../../protocol/transport.js';
import {
  LOG_LEVELS,
  type AttachedClient,
  type CatalogChange,
  type ClientAttachment,
  type LogLevel,
  type RequestOptions,
} from '../../gateway/api.js';
import type { CatalogKind } from '../../gateway/model/catalog.js';
import { ClientError, type ClientKey, type ServerAsks } from '../../gateway/model/client.js';
import type { ServerId } from '../../gateway/model/definition.js';
import { CALL_META, comesFromInside, type InstanceId } from '../../gateway/model/lineage.js';
import type { Disposable } from '../../base/event.js';
import type { SessionHandler } from '../httpDoor.js';
import { canAnswer } from './clientAnswers.js';
import { Announcer } from './announcer.js';
import type { SessionGateway } from './grantedGateway.js';
import { pageOf } from './pages.js';
import { rpcFailure } from './rpcFailure.js';
import type { Destination, Scope } from './scope.js';

/** What a list leaves out, and why; and whose items are old (invariant AbsenceIsExplained). */
const OMITTED_META = 'mcp-tool-gateway/omitted';
const STALE_META = 'mcp-tool-gateway/stale';

/** However long a person thinks about what a server asks; the gateway has a bound of its own below it. */
const MAX_ANSWER_MS = 20 * 60_000;

const LISTS: ReadonlyMap<string, CatalogKind> = new Map([
  ['tools/list', 'tools'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
  ['prompts/list', 'prompts'],
]);

/** One client of the endpoint: what it asks goes to servers, what they ask and tell comes back to it. */
export class RelaySession implements AttachedClient, SessionHandler {
  readonly #peer: Peer;
  readonly #announcer: Announcer;
  /** Which of the client's requests each request to a server is made for. */
  readonly #origins = new WeakMap<object, RequestId>();
  #attachment: ClientAttachment | undefined;
  #subscription: Disposable | undefined;
  #capabilities: Params = {};
  #label: string | undefined;
  /** A server may have wanted to ask it while it was not to be reached. */
  #missed = false;

  readonly key: ClientKey;
  readonly #token: string | undefined;

  /** @param client whose session it is, and the name of its token if it has one of its own */
  constructor(
    client: { readonly key: ClientKey; readonly token: string | undefined },
    private readonly gateway: SessionGateway,
    private readonly instance: InstanceId,
    private readonly scope: Scope,
    private readonly transport: Transport,
  ) {
    this.key = client.key;
    this.#token = client.token;
    transport.onreachable = () => {
      if (this.#missed) this.#tellRoots();
    };
    this.#peer = new Peer(transport, {
      onRequest: (method, params, incoming) =>
        this.#answer(method, params, incoming).catch((error: unknown) => {
          throw rpcFailure(error);
        }),
      onNotification: (method) => {
        this.#hear(method);
      },
      onClose: () => {
        this.#leave();
      },
    });
    this.#announcer = new Announcer((method) => {
      this.#notify(method);
    });
  }

  /** As the client named itself when it came, behind the name of its token. */
  get label(): string {
    const label = this.#label ?? 'unnamed client';
    return this.#token === undefined ? label : `${this.#token}: ${label}`;
  }

  get capabilities(): Params {
    return this.#capabilities;
  }

  sees(server: ServerId): boolean {
    return this.scope.sees(server);
  }

  reachable(): boolean {
    const reachable = this.transport.reachable !== false;
    if (!reachable) this.#missed = true;
    return reachable;
  }

  answers(asks: Pick<ServerAsks, 'method' | 'params'>): boolean {
    return !this.#peer.closed && canAnswer(this.#capabilities, asks);
  }

  async answer({ server, method, params, signal, onProgress, during }: ServerAsks): Promise<Params> {
    try {
      return await this.#peer.request(method, this.scope.question(server, method, params), {
        signal,
        timeoutMs: MAX_ANSWER_MS,
        onProgress,
        relatedRequestId: during && this.#origins.get(during),
      });
    } catch (error) {
      if (error instanceof RpcError) throw new ClientError(error.code, error.message, error.data);
      throw error;
    }
  }

  notified(server: ServerId, method: string, params: Params, during: RequestOptions | undefined): void {
    const tell = (): void => {
      const origin = during && this.#origins.get(during);
      for (const own of this.scope.heard(server, method, params)) this.#notify(method, own, origin);
    };
    if (method !== 'notifications/tasks/status') tell();
    // Only now: the answer that began the task may have come together with this, and has not been taken note of yet.
    else
      setImmediate(() => {
        if (this.ownsTask(server, params.taskId)) tell();
      });
  }

  ownsTask(server: ServerId, taskId: unknown): boolean {
    return this.scope.ownsTask(server, taskId);
  }

  dispose(): void {
    void this.#peer.close();
  }

  #leave(): void {
    this.#subscription?.dispose();
    this.#attachment?.dispose();
    // What it opened to servers is not open any more.
    if (isObject(this.#capabilities.roots)) this.#attachment?.rootsChanged();
  }

  #notify(method: string, params?: Params, during?: RequestId): void {
    // A client that is gone, or does not read, hears nothing; the door sees to it.
    this.#peer.notify(method, params, { relatedRequestId: during }).catch(() => undefined);
  }

  #hear(method: string): void {
    if (method === 'notifications/initialized') {
      this.#announcer.begin();
      // Servers that began before it did may want to ask it.
      if (this.reachable()) this.#tellRoots();
    } else if (method === 'notifications/roots/list_changed') {
      this.#attachment?.rootsChanged();
    }
  }

  /** Servers may ask it for its roots now. */
  #tellRoots(): void {
    this.#missed = false;
    if (isObject(this.#capabilities.roots)) this.#attachment?.rootsChanged();
  }

  async #answer(method: string, params: Params, incoming: IncomingRequest): Promise<Params | LargeResult> {
    if (method === 'initialize') return this.#initialize(params, incoming.signal);
    if (!this.#attachment) throw new RpcError(INVALID_REQUEST, 'Send initialize first.');
    const kind = LISTS.get(method);
    if (kind) return this.#list(kind, params, incoming.signal);
    if (method === 'logging/setLevel') return this.#setLevel(params);
    const send = (name: string, { server, params: own }: Destination): Promise<Params | LargeResult> =>
      this.gateway.request(server, name, own, this.#optionsFor(params, incoming));
    const gathered = this.scope.gather(method, params, async (...to) => readResult(await send(...to)));
    if (gathered) return gathered;
    const destination = await this.scope.route(method, params, incoming.signal);
    if (!destination) return {};
    if (method === 'resources/subscribe' || method === 'resources/unsubscribe') {
      const { server, params: own } = destination;
      if (typeof own.uri !== 'string') throw new RpcError(INVALID_PARAMS, 'The resource has no uri.');
      const end = method === 'resources/subscribe' ? 'subscribe' : 'unsubscribe';
      await this.#attachment[end](server, own.uri, this.#optionsFor(params, incoming));
      return this.scope.answered(method, params, destination, {});
    }
    const result = await send(method, destination);
    if (!isLarge(result) || this.scope.rewrites(params, destination))
      return this.scope.answered(method, params, destination, readResult(result));
    this.scope.answered(method, params, destination, result.facts);
    return result;
  }

  async #initialize(params: Params, signal: AbortSignal): Promise<Params> {
    if (comesFromInside([this.instance], params._meta))
      throw new RpcError(
        INVALID_REQUEST,
        'This is the gateway itself, by way of one of its own servers. Remove that server from mcpGateway.servers.',
      );
    if (this.#attachment) throw new RpcError(INVALID_REQUEST, 'This session is initialized already.');
    this.#capabilities = isObject(params.capabilities) ? params.capabilities : {};
    this.#label = labelOf(params.clientInfo);
    this.#attachment = this.gateway.attach(this);
    const description = await this.scope.describe(nameOf(params.clientInfo), signal);
    // Only now: what changed before is no news to somebody who has listed nothing yet.
    if (!this.#peer.closed)
      this.#subscription = this.gateway.onDidChangeCatalog((change) => {
        this.#changed(change);
      });
    return { protocolVersion: chooseRevision(params.protocolVersion), ...description };
  }

  #changed({ server, kinds }: CatalogChange): void {
    if (this.sees(server)) this.#announcer.changed(kinds);
  }

  async #list(kind: CatalogKind, { cursor }: Params, signal: AbortSignal): Promise<Params> {
    const { items, omitted, stale } = await this.scope.list(kind, signal);
    const page = pageOf(items, cursor);
    const meta = {
      ...(omitted.length > 0 ? { [OMITTED_META]: omitted } : {}),
      ...(stale.length > 0 ? { [STALE_META]: stale } : {}),
    };
    return { [kind]: page.items, ...page.next, ...(Object.keys(meta).length > 0 ? { _meta: meta } : {}) };
  }

  #setLevel({ level }: Params): Params {
    if (!LOG_LEVELS.includes(level as LogLevel))
      throw new RpcError(INVALID_PARAMS, `There is no such log level. Use one of ${LOG_LEVELS.join(', ')}.`);
    this.#attachment?.setLogLevel(level as LogLevel);
    return {};
  }

  #optionsFor(params: Params, { id, signal, onProgress }: IncomingRequest): RequestOptions {
    const caller = isObject(params._meta) ? params._meta[CALL_META] : undefined;
    const options: RequestOptions = {
      signal,
      client: this,
      ...(onProgress ? { onProgress } : {}),
      ...(typeof caller === 'string' ? { caller } : {}),
    };
    this.#origins.set(options, id);
    return options;
  }
}

/** Characters of each part of a label. */
const MAX_LABEL = 60;

const nameOf = (clientInfo: unknown): string | undefined =>
  isObject(clientInfo) && typeof clientInfo.name === 'string' ? clientInfo.name : undefined;

/** Name and version of a client, if it has them. */
function labelOf(clientInfo: unknown): string | undefined {
  const name = nameOf(clientInfo);
  if (name === undefined || !isObject(clientInfo)) return undefined;
  const parts = [name, ...(typeof clientInfo.version === 'string' ? [clientInfo.version] : [])];
  return parts.map((part) => visible(part.slice(0, MAX_LABEL), 'name')).join(' ');
}

/** MCP 2025-11-25, "Lifecycle", version negotiation: what the client wants if it is known, else the newest. */
const chooseRevision = (wanted: unknown): string =>
  REVISIONS.find((revision) => revision === wanted) ?? LATEST_REVISION;
