import type { CallOptions, CatalogChange, Gateway, RequestOptions } from './api.js';
import { checkArguments } from './catalog/checkArguments.js';
import { nearestNames } from './catalog/nearest.js';
import { diffDefinitions } from './config/diff.js';
import { Directory, type ServerView, type ViewItems } from './directory.js';
import { dispatch } from './dispatch.js';
import { isCurrent, list, type ListingSources, type Member } from './listing.js';
import type { CacheState } from './model/cacheState.js';
import { CATALOG_KINDS } from './model/catalog.js';
import type { ConfigProblem, GatewayConfig, ServerDefinition, ServerId } from './model/definition.js';
import {
  badResponse,
  cancelled,
  gatewayDisposed,
  invalidArguments,
  isGatewayError,
  toolChanged,
  toolGone,
  unknownName,
} from './model/errors.js';
import type { ListedTool, Listing } from './model/listing.js';
import type { CallToolResult, GetPromptResult, ReadResourceResult } from './model/results.js';
import type { ServerStatus } from './model/status.js';
import { resolveName, type Named, type NameSources } from './names.js';
import type { GatewayOptions, GatewayPorts } from './ports.js';
import { deriveCacheState } from './startup/deriveCacheState.js';
import { GraceEpoch } from './startup/grace.js';
import { Guardian, type UpstreamHost } from './upstream/guardian.js';
import { Supervisor } from './upstream/supervisor.js';
import { Closings } from './util/closings.js';
import { Emitter } from './util/event.js';

/** How many servers a warm-up starts at once; starting is the host's heaviest work, and nobody waits for it. */
const WARM_UP_AT_ONCE = 4;

/** The parts, put together by `createGateway`; see `api.ts` for what each method does. */
export class GatewayService implements Gateway {
  readonly #host: UpstreamHost;
  readonly #directory: Directory;
  /** In the order of the settings. */
  #members = new Map<ServerId, Member>();
  #problems: readonly ConfigProblem[] = [];
  #options: GatewayOptions = { gracePeriodMs: 5000, idleStopMs: 0 };
  /** Servers on their way out; `dispose` waits for them too. */
  readonly #leaving = new Closings();
  readonly #serversEmitter = new Emitter<void>();
  readonly #catalogEmitter = new Emitter<CatalogChange>();
  #statusQueued = false;
  #disposed = false;

  readonly onDidChangeServers = this.#serversEmitter.event;
  readonly onDidChangeCatalog = this.#catalogEmitter.event;

  constructor(ports: GatewayPorts) {
    this.#host = { ...ports, guardian: new Guardian() };
    this.#directory = new Directory(ports.logs);
  }

  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  readonly listTools: Gateway['listTools'] = (signal) => this.#list('tools', signal);
  readonly listResources: Gateway['listResources'] = (signal) => this.#list('resources', signal);
  readonly listPrompts: Gateway['listPrompts'] = (signal) => this.#list('prompts', signal);
  readonly listResourceTemplates: Gateway['listResourceTemplates'] = (signal) =>
    this.#list('resourceTemplates', signal);

  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<CallToolResult> {
    const [supervisor, { tool }] = await this.#resolve('tool', name, options.signal);
    const params = { name: tool.name, arguments: args };
    const result = await dispatch(supervisor, 'tools/call', params, options, () => {
      const live = this.#directory.view(supervisor)?.toolsByName.get(name);
      if (!live) throw toolGone(supervisor.id, tool.name);
      if (options.listed && !keepsPromises(options.listed, live)) throw toolChanged(supervisor.id, tool.name);
      const reasons = options.checkArguments ? checkArguments(live.tool.inputSchema, args) : [];
      if (reasons.length > 0) throw invalidArguments(supervisor.id, tool.name, reasons);
    });
    // Older servers leave `content` out when there is structured content.
    const content = result.content ?? [];
    if (!Array.isArray(content)) throw badResponse(supervisor.id, 'a tool call without a list of content');
    return { ...result, content };
  }

  async readResource(
    server: ServerId,
    uri: string,
    options: RequestOptions = {},
  ): Promise<ReadResourceResult> {
    const { supervisor } = this.#member(server);
    const result = await dispatch(supervisor, 'resources/read', { uri }, options);
    if (!Array.isArray(result.contents)) throw badResponse(server, 'a resource without contents');
    return result as ReadResourceResult & typeof result;
  }

  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options: RequestOptions = {},
  ): Promise<GetPromptResult> {
    const [supervisor, { prompt }] = await this.#resolve('prompt', name, options.signal);
    const params = { name: prompt.name, arguments: args };
    const result = await dispatch(supervisor, 'prompts/get', params, options);
    if (!Array.isArray(result.messages)) throw badResponse(supervisor.id, 'a prompt without messages');
    return result as GetPromptResult & typeof result;
  }

  readonly servers = (): readonly ServerStatus[] =>
    [...this.#members.values()].map(({ supervisor }) => ({
      id: supervisor.id,
      title: supervisor.definition.title,
      transport: supervisor.definition.launch.type,
      cacheState: cacheState(supervisor),
      phase: supervisor.phase,
      tools: this.#directory.view(supervisor)?.tools.length,
      failure: supervisor.failure,
      lastStart: supervisor.lastStart,
    }));

  configure(config: GatewayConfig, options: GatewayOptions): void {
    if (this.#disposed) return;
    const before = [...this.#members.values()].map(({ supervisor }) => supervisor.definition);
    const { added, removed, changed, updated } = diffDefinitions(before, config.definitions);
    this.#options = options;
    this.#problems = config.problems;
    const members = new Map<ServerId, Member>();
    for (const definition of config.definitions)
      members.set(definition.id, this.#members.get(definition.id) ?? this.#newMember(definition));
    const left = [...this.#members.values()].filter(({ supervisor }) => !members.has(supervisor.id));
    this.#members = members;
    for (const { supervisor } of left) this.#leave(supervisor);
    for (const { after } of [...changed, ...updated]) this.#redefine(after);
    if (added.length + removed.length + changed.length > 0)
      this.#host.logs.gateway.info(
        `Servers: ${config.definitions.length}; added ${names(added)}, changed ${names(changed.map(({ after }) => after))}, removed ${names(removed)}.`,
      );
    this.#statusChanged();
  }

  async warmUp(): Promise<void> {
    const queue = [...this.#members.values()];
    const worker = async (): Promise<void> => {
      for (let member = queue.shift(); member && !this.#disposed; member = queue.shift()) {
        const { supervisor } = member;
        await supervisor.load();
        if (!isCurrent(supervisor)) await supervisor.attemptForList()?.catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: WARM_UP_AT_ONCE }, worker));
  }

  async restart(server: ServerId, signal?: AbortSignal): Promise<void> {
    const { supervisor, epoch } = this.#member(server);
    epoch.renew();
    await supervisor.restart(signal);
  }

  async refreshAll(signal?: AbortSignal): Promise<readonly { server: ServerId; error: Error | undefined }[]> {
    return Promise.all(
      [...this.#members.values()].map(async ({ supervisor, epoch }) => {
        epoch.renew();
        const error = await supervisor.refresh(signal).then(
          () => undefined,
          (reason: unknown) => reason as Error,
        );
        return { server: supervisor.id, error };
      }),
    );
  }

  async resetCache(server?: ServerId): Promise<void> {
    const members = server === undefined ? [...this.#members.values()] : [this.#member(server)];
    if (server === undefined) await this.#host.store.clear();
    await Promise.all(
      members.map(async ({ supervisor, epoch }) => {
        epoch.renew();
        await supervisor.resetCache();
      }),
    );
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const { supervisor } of this.#members.values()) this.#leave(supervisor);
    this.#members = new Map();
    this.#serversEmitter.dispose();
    this.#catalogEmitter.dispose();
    await this.#leaving.all();
    this.#host.guardian.dispose();
  }

  #list<K extends keyof ViewItems>(
    kind: K,
    signal: AbortSignal | undefined,
  ): Promise<Listing<ViewItems[K][number]>> {
    if (this.#disposed) return Promise.reject(gatewayDisposed());
    return list(kind, this.#sources(), signal);
  }

  #sources(): ListingSources {
    return {
      members: [...this.#members.values()],
      problems: this.#problems,
      directory: this.#directory,
      gracePeriodMs: this.#options.gracePeriodMs,
    };
  }

  #newMember(definition: ServerDefinition): Member {
    const supervisor: Supervisor = new Supervisor(definition, this.#host, {
      onStatus: () => {
        this.#statusChanged();
      },
      onCatalog: (kinds) => {
        this.#catalogEmitter.fire({ server: definition.id, kinds });
      },
    });
    return { supervisor, epoch: new GraceEpoch() };
  }

  #redefine(definition: ServerDefinition): void {
    const { supervisor, epoch } = this.#member(definition.id);
    const before = this.#directory.view(supervisor);
    const restarts = supervisor.redefine(definition);
    if (restarts) epoch.renew();
    if (!sameTools(before, this.#directory.view(supervisor)))
      this.#catalogEmitter.fire({ server: definition.id, kinds: ['tools'] });
  }

  #leave(supervisor: Supervisor): void {
    void this.#leaving.add(supervisor.dispose());
    this.#catalogEmitter.fire({ server: supervisor.id, kinds: CATALOG_KINDS });
  }

  #member(server: ServerId): Member {
    const member = this.#members.get(server);
    if (this.#disposed) throw gatewayDisposed();
    if (!member) throw unknownName('server', server, nearestNames(server, [...this.#members.keys()]));
    return member;
  }

  async #resolve<K extends keyof Named>(
    kind: K,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<[Supervisor, Named[K]]> {
    const sources: NameSources = {
      directory: this.#directory,
      supervisors: () => [...this.#members.values()].map(({ supervisor }) => supervisor),
      list: (items, listSignal) => this.#list(items, listSignal),
    };
    try {
      return await resolveName(kind, name, sources, signal);
    } catch (error) {
      throw signal?.aborted && !isGatewayError(error) ? cancelled('not-executed', error) : error;
    }
  }

  #statusChanged(): void {
    if (this.#statusQueued || this.#disposed) return;
    this.#statusQueued = true;
    setImmediate(() => {
      this.#statusQueued = false;
      this.#serversEmitter.fire();
    });
  }
}

const cacheState = ({ definition, stored, phase, refreshing }: Supervisor): CacheState =>
  deriveCacheState({
    fingerprint: definition.fingerprint,
    catalogFingerprint: stored?.fingerprint,
    connection: phase === 'live' ? 'open' : phase === 'starting' ? 'connecting' : 'none',
    refreshing,
  });

/** Whether a tool still is what somebody decided on. */
const keepsPromises = (listed: ListedTool, live: ListedTool): boolean =>
  listed.fingerprint === live.fingerprint &&
  (listed.tool.annotations?.readOnlyHint !== true || live.tool.annotations?.readOnlyHint === true);

const sameTools = (a: ServerView | undefined, b: ServerView | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.tools.length === b.tools.length &&
    a.tools.every(({ name }, index) => name === b.tools[index]?.name));

const names = (definitions: readonly ServerDefinition[]): string =>
  definitions.length === 0 ? 'none' : definitions.map(({ id }) => id).join(', ');
