import { MessageBudget } from '../protocol/large/messageBudget.js';
import { readResult } from '../protocol/large/largeResult.js';
import type { CatalogChange, Gateway, ServerFilter } from './api.js';
import { ArgumentChecker } from './arguments/argumentChecker.js';
import { CallRecorder } from './calls/callRecorder.js';
import { Clients } from './clients/clients.js';
import { Configured } from './configured.js';
import { diffDefinitions, idsOf } from './config/diff.js';
import { Directory, sameTools, type ViewItems } from './listing/directory.js';
import { list, type ListingSources, type Member } from './listing/listing.js';
import { CATALOG_KINDS, NAMED_KINDS } from './model/catalog.js';
import type {
  ConfigProblem,
  GatewayConfig,
  ServerDefinition,
  ServerId,
  WithheldServer,
} from './model/definition.js';
import { gatewayDisposed } from './model/errors.js';
import type { Listing } from './model/listing.js';
import type { ServerStatus } from './model/status.js';
import type { Tuning } from './model/tuning.js';
import type { GatewayOptions, GatewayPorts } from './ports.js';
import { Requests } from './calls/requests.js';
import { serverStatus } from './listing/serverStatus.js';
import { GraceEpoch } from './listing/grace.js';
import type { UpstreamHost } from './upstream/host.js';
import { Guardian } from './upstream/stdio/guardian.js';
import { unreadKinds } from './upstream/lists/reading.js';
import { StartQueue } from './upstream/server/startQueue.js';
import { Supervisor, type SupervisorHooks } from './upstream/server/supervisor.js';
import { Emitter } from '../base/event.js';
import { TurnScheduler } from '../base/async/turnScheduler.js';

/** The parts, put together by `createGateway`; see `api.ts` for what each method does. */
export class GatewayService implements Gateway {
  readonly #host: UpstreamHost;
  readonly #directory: Directory;
  readonly #requests: Requests;
  readonly #clients: Clients;
  readonly #checker: ArgumentChecker;
  /** In the order of the settings. */
  #members = new Map<ServerId, Member>();
  #configured = new Configured();
  /** Servers that the settings do not have any more, but whose calls in flight may end; `dispose` hurries them. */
  readonly #retiring = new Set<Supervisor>();
  readonly #serversEmitter = new Emitter<void>();
  readonly #catalogEmitter = new Emitter<CatalogChange>();
  #statusQueued = false;
  #disposed = false;
  #disposing: Promise<void> | undefined;

  readonly onDidChangeServers = this.#serversEmitter.event;
  readonly onDidChangeCatalog = this.#catalogEmitter.event;

  constructor(ports: GatewayPorts, tuning: Tuning) {
    const supervisors = (): readonly Supervisor[] =>
      [...this.#members.values()].map(({ supervisor }) => supervisor);
    this.#clients = new Clients({
      host: ports.host,
      logs: ports.logs,
      supervisors,
      renewUnused: (server) => {
        const { supervisor, epoch } = this.#member(server);
        if (supervisor.renewUnused()) epoch.renew();
      },
      request: async (server, method, params, options) =>
        readResult(await this.request(server, method, params, options)),
    });
    this.#host = {
      ...ports,
      traffic: this.#clients,
      tuning,
      guardian: new Guardian(undefined, ports.logs.gateway),
      turns: new TurnScheduler(),
      starts: new StartQueue(),
      messages: new MessageBudget(tuning.unfinishedBytes),
      idleStopMs: () => this.#configured.options.idleStopMs,
      envNames: () => this.#configured.config.envNames ?? [],
    };
    this.#directory = new Directory(ports.logs);
    this.#checker = new ArgumentChecker(ports.self.checker, tuning.checkMs, ports.logs);
    this.#requests = new Requests({
      directory: this.#directory,
      checker: this.#checker,
      logger: ports.logs.gateway,
      names: {
        directory: this.#directory,
        supervisors,
        withheld: () => this.withheld,
        list: (...of) => this.#list(...of),
      },
      supervisor: (server) => this.#member(server).supervisor,
      calls: new CallRecorder(ports.calls),
    });
  }

  get problems(): readonly ConfigProblem[] {
    return this.#configured.config.problems;
  }

  get withheld(): readonly WithheldServer[] {
    return this.#configured.withheld;
  }

  get disabled(): Gateway['disabled'] {
    return this.#configured.config.disabled ?? [];
  }

  readonly listTools: Gateway['listTools'] = (...of) => this.#list('tools', ...of);
  readonly listResources: Gateway['listResources'] = (...of) => this.#list('resources', ...of);
  readonly listPrompts: Gateway['listPrompts'] = (...of) => this.#list('prompts', ...of);
  readonly listResourceTemplates: Gateway['listResourceTemplates'] = (...of) =>
    this.#list('resourceTemplates', ...of);
  readonly request: Gateway['request'] = (server, method, params, options) =>
    this.#requests.request(server, method, params, options);
  readonly locate: Gateway['locate'] = (...args) => this.#requests.locate(...args);
  readonly attach: Gateway['attach'] = (client) => this.#clients.attach(client);
  readonly knownResources: Gateway['knownResources'] = () =>
    [...this.#members.values()].flatMap(({ supervisor }) => this.#directory.view(supervisor) ?? []);
  readonly isTrustedReadOnly: Gateway['isTrustedReadOnly'] = (tool) =>
    this.#configured.trustsToRead(tool, this.#members.get(tool.server)?.supervisor.definition);

  readonly describe: Gateway['describe'] = async (server, signal) => {
    const { omitted } = await this.#list('tools', signal, server);
    const supervisor = this.#members.get(server)?.supervisor;
    return {
      server,
      title: supervisor?.definition.title ?? server,
      known: supervisor?.stored?.catalog,
      omission: omitted[0],
    };
  };

  readonly callTool: Gateway['callTool'] = (name, args, options) =>
    this.#requests.callTool(name, args, options);
  readonly readResource: Gateway['readResource'] = (server, uri, options) =>
    this.#requests.readResource(server, uri, options);
  readonly getPrompt: Gateway['getPrompt'] = (name, args, options) =>
    this.#requests.getPrompt(name, args, options);

  readonly knows: Gateway['knows'] = (server) =>
    this.#members.has(server) || this.#configured.hasBeside(server);

  readonly servers = (): readonly ServerStatus[] =>
    [...this.#members.values()].map(({ supervisor }) =>
      serverStatus(supervisor, this.#directory.view(supervisor)),
    );

  configure(config: GatewayConfig, options: GatewayOptions): void {
    if (this.#disposed) return;
    const before = [...this.#members.values()].map(({ supervisor }) => supervisor.definition);
    const { added, removed, changed, updated } = diffDefinitions(before, config.definitions);
    this.#configured = new Configured(config, options);
    const members = new Map<ServerId, Member>();
    for (const definition of config.definitions)
      members.set(definition.id, this.#members.get(definition.id) ?? this.#newMember(definition));
    const left = [...this.#members.values()].filter(({ supervisor }) => !members.has(supervisor.id));
    this.#members = members;
    const renamed = this.#directory.configure(this.#configured.servers);
    for (const { supervisor } of left) this.#retire(supervisor);
    for (const { after } of [...changed, ...updated]) this.#redefine(after);
    for (const server of renamed) this.#catalogEmitter.fire({ server, kinds: NAMED_KINDS });
    if (added.length + removed.length + changed.length > 0)
      this.#host.logs.gateway.info(
        `Servers: ${config.definitions.length}; added ${idsOf(added)}, changed ${idsOf(changed.map(({ after }) => after))}, removed ${idsOf(removed)}.`,
      );
    this.#statusChanged();
  }

  async warmUp(): Promise<void> {
    await Promise.all(
      [...this.#members.values()].map(async ({ supervisor }) => {
        await supervisor.load();
        if (this.#disposed || (supervisor.isCurrent() && unreadKinds(supervisor).length === 0)) return;
        await supervisor.attemptForList('background')?.catch(() => undefined);
      }),
    );
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

  dispose(): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  async #dispose(): Promise<void> {
    this.#disposed = true;
    const supervisors = [
      ...[...this.#members.values()].map(({ supervisor }) => supervisor),
      ...this.#retiring,
    ];
    this.#members = new Map();
    this.#serversEmitter.dispose();
    this.#catalogEmitter.dispose();
    await Promise.all([...supervisors.map((supervisor) => supervisor.dispose()), this.#checker.dispose()]);
    this.#host.guardian.dispose();
  }

  async #list<K extends keyof ViewItems>(
    kind: K,
    ...[signal, only, names]: Parameters<Gateway['listTools']>
  ): Promise<Listing<ViewItems[K][number]>> {
    this.#throwIfDisposed();
    const listing = await list(kind, { ...this.#sources(only), names }, signal);
    // What was disposed meanwhile has nothing to offer, and an empty listing would say that nobody has.
    this.#throwIfDisposed();
    return listing;
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw gatewayDisposed();
  }

  /** @param only the one server that matters, or those that do @throws `unknown-name` */
  #sources(only: ServerId | ServerFilter = () => true): ListingSources {
    if (typeof only === 'string' && !this.knows(only)) this.#member(only);
    const sees = typeof only === 'string' ? (id: ServerId) => id === only : only;
    return {
      members: [...this.#members].filter(([id]) => sees(id)).map(([, member]) => member),
      directory: this.#directory,
      ...this.#configured.beside(this.#members, sees),
    };
  }

  #newMember(definition: ServerDefinition): Member {
    const hooks: SupervisorHooks = {
      onStatus: () => {
        this.#statusChanged();
      },
      onCatalog: (kinds) => {
        this.#catalogEmitter.fire({ server: definition.id, kinds });
      },
    };
    const predecessors = [...this.#retiring].filter(({ id }) => id === definition.id);
    const supervisor = new Supervisor(definition, this.#host, hooks, predecessors);
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

  #retire(supervisor: Supervisor): void {
    this.#retiring.add(supervisor);
    void supervisor.retire().finally(() => this.#retiring.delete(supervisor));
    this.#catalogEmitter.fire({ server: supervisor.id, kinds: CATALOG_KINDS });
  }

  #member(server: ServerId): Member {
    const member = this.#members.get(server);
    this.#throwIfDisposed();
    if (!member) throw this.#configured.notRunning(server, [...this.#members.keys()]);
    return member;
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
