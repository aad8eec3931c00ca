import { visible } from '../../base/text/visible.js';
import { PeerClosedError } from '../../protocol/errors.js';
import type { Params } from '../../protocol/messages.js';
import type { IncomingRequest } from '../../protocol/incoming.js';
import type { AttachedClient, ClientAttachment, LogLevel, RequestOptions } from '../api.js';
import { isMoreThan, togetherCapable } from './clientCapabilities.js';
import type { Client } from '../model/client.js';
import type { ServerId } from '../model/definition.js';
import { GatewayError, isGatewayError } from '../model/errors.js';
import type { Logs } from '../ports.js';
import { contextsOf } from '../calls/requestContext.js';
import { ServerRequestRouter } from './serverRequestRouter.js';
import type { Supervisor } from '../upstream/server/supervisor.js';
import type { Line, ServerTraffic } from '../upstream/traffic.js';
import { widestLevel, Subscriptions } from './subscriptions.js';

/** What clients need of the gateway that they are attached to. */
export interface ClientSources {
  readonly host: Client | undefined;
  readonly logs: Logs;
  readonly supervisors: () => readonly Supervisor[];
  /** Begins a fresh connection to a server, if nobody has used the live one. */
  readonly renewUnused: (server: ServerId) => void;
  readonly request: (
    server: ServerId,
    method: string,
    params: Params,
    options: RequestOptions,
  ) => Promise<Params>;
}

/** Those who stay: what they want to hear is asked of the servers, and what servers send of their own accord finds them. */
export class Clients implements ServerTraffic {
  readonly #all = new Set<Subscriptions>();
  /** The servers whose process was told a level that a client wants, or wanted. */
  readonly #levelled = new Set<ServerId>();

  /** The servers that asked while nobody called them, which is said once. */
  readonly #uncalled = new Set<ServerId>();
  readonly #respondents: ServerRequestRouter;

  constructor(private readonly sources: ClientSources) {
    this.#respondents = new ServerRequestRouter({
      host: sources.host,
      attached: () => [...this.#all].map(({ client }) => client),
      asksAlways: (server) => {
        const definition = this.#supervisor(server)?.definition;
        // It is the user who allows that, and no workspace in the user's place.
        return definition?.questions === 'always' && definition.origin !== 'workspace';
      },
      onUncalled: (server, method) => {
        if (this.#uncalled.has(server)) return;
        this.#uncalled.add(server);
        sources.logs
          .server(server)
          .warn(
            `It asked for ${visible(method.slice(0, MAX_SHOWN), 'name')} while nobody called it, and was refused. Set "questions": "always" for this server to let it ask at any time.`,
          );
      },
    });
  }

  attach(client: AttachedClient): ClientAttachment {
    const wishes = new Subscriptions(client);
    this.#all.add(wishes);
    for (const { id } of this.sources.supervisors()) if (client.sees(id)) this.#tellCapabilities(id);
    const { request } = this.sources;
    return {
      subscribe: async (server, uri, options = {}) => {
        if (wishes.full) throw tooMany();
        const again = wishes.uris(server).has(uri);
        // Before the server knows, so that nobody who ends the same wish meanwhile ends this one with it.
        wishes.add(server, uri);
        try {
          await request(server, 'resources/subscribe', { uri }, options);
        } catch (error) {
          // A server that said no has nothing to undo.
          if (isGatewayError(error) && error.details.rpc) wishes.remove(server, uri);
          else if (!again) this.#forget(wishes, server, uri);
          throw error;
        }
        if (!this.#all.has(wishes)) this.#forget(wishes, server, uri);
      },
      unsubscribe: async (server, uri, { signal } = {}) => {
        wishes.remove(server, uri);
        // A server that does not run has no subscription to end, and is not started for that.
        const connection = this.#connection(server);
        if (!connection || this.#isWanted(server, uri)) return;
        await connection
          .request('resources/unsubscribe', { uri }, { timeoutMs: SEND_MS, signal })
          .catch((error: unknown) => {
            if (!(error instanceof PeerClosedError)) throw error;
          });
      },
      setLogLevel: (level: LogLevel) => {
        wishes.level = level;
        this.#sendLevels(client);
      },
      rootsChanged: () => {
        this.#respondents.heard(client);
        for (const { id, connection } of this.sources.supervisors())
          if (client.sees(id)) connection?.notify('notifications/roots/list_changed').catch(() => undefined);
      },
      dispose: () => {
        this.#all.delete(wishes);
        for (const server of wishes.servers())
          for (const uri of [...wishes.uris(server)]) this.#forget(wishes, server, uri);
        if (wishes.level !== undefined) this.#sendLevels(client);
      },
    };
  }

  capabilities(server: ServerId): Params {
    const { host } = this.sources;
    const clients = [...(host ? [host] : []), ...this.#seeing(server).map(({ client }) => client)];
    return togetherCapable(clients.map((client) => client.capabilities));
  }

  onServerRequest(
    server: ServerId,
    method: string,
    params: Params,
    incoming: IncomingRequest,
  ): Promise<Params> {
    return this.#respondents.answer(server, method, params, incoming);
  }

  onNotification(server: ServerId, method: string, params: Params, during: readonly object[]): void {
    const contexts = contextsOf(during);
    const seeing = this.#seeing(server);
    for (const wishes of seeing) {
      const { client } = wishes;
      const own = contexts.filter(({ options }) => options.client === client);
      if (method === 'notifications/resources/updated') {
        if (typeof params.uri !== 'string' || !wishes.wantsUpdate(server, params.uri)) continue;
      } else if (method === 'notifications/message') {
        // Where the server tells for whose request it is, nobody else hears of it.
        if (contexts.length === 1 && own.length === 0) continue;
        if (!wishes.wantsLog(params.level, seeing)) continue;
      }
      client.notified(server, method, params, own.length === 1 ? own[0]?.options : undefined);
    }
  }

  onReady(server: ServerId, line: Line): void {
    // A fresh process was told nothing yet.
    this.#levelled.delete(server);
    this.#sendLevel(server, line);
    const uris = new Set(this.#seeing(server).flatMap((wishes) => [...wishes.uris(server)]));
    for (const uri of uris) this.#send(server, line, 'resources/subscribe', { uri });
    this.#tellCapabilities(server);
  }

  /**
   * A connection's capabilities cannot change. One that nobody has used yet gives way to a fresh one when its clients can do
   * more than its server was told; a server that works for somebody is not disturbed for that.
   */
  #tellCapabilities(server: ServerId): void {
    const told = this.#connection(server)?.told;
    if (told && isMoreThan(this.capabilities(server), told)) this.sources.renewUnused(server);
  }

  hasSubscribers(server: ServerId): boolean {
    return [...this.#all].some((wishes) => wishes.uris(server).size > 0);
  }

  #seeing(server: ServerId): readonly Subscriptions[] {
    return [...this.#all].filter(({ client }) => client.sees(server));
  }

  #isWanted(server: ServerId, uri: string): boolean {
    return [...this.#all].some((wishes) => wishes.uris(server).has(uri));
  }

  #forget(wishes: Subscriptions, server: ServerId, uri: string): void {
    wishes.remove(server, uri);
    if (!this.#isWanted(server, uri))
      this.#send(server, this.#connection(server), 'resources/unsubscribe', { uri });
  }

  /** Of the server, if it is live. */
  #connection(server: ServerId): Line | undefined {
    return this.#supervisor(server)?.connection;
  }

  #supervisor(server: ServerId): Supervisor | undefined {
    return this.sources.supervisors().find(({ id }) => id === server);
  }

  /** To the servers that it sees. */
  #sendLevels(client: AttachedClient): void {
    for (const { id, connection } of this.sources.supervisors())
      if (client.sees(id)) this.#sendLevel(id, connection);
  }

  #sendLevel(server: ServerId, line: Line | undefined): void {
    const wanted = widestLevel(this.#seeing(server));
    // MCP has no way to take a level back: one that nobody wants any more is replaced, once, by the usual one.
    const level = wanted ?? (this.#levelled.has(server) ? 'info' : undefined);
    if (level === undefined || line?.capabilities.logging === undefined) return;
    if (wanted === undefined) this.#levelled.delete(server);
    else this.#levelled.add(server);
    this.#send(server, line, 'logging/setLevel', { level });
  }

  /** Nobody waits for it, and it starts nothing. */
  #send(server: ServerId, line: Line | undefined, method: string, params: Params): void {
    line?.request(method, params, { timeoutMs: SEND_MS }).catch((error: unknown) => {
      this.sources.logs.server(server).warn(`It did not take ${method}: ${(error as Error).message}`);
    });
  }
}

/** Characters of a method's name in a log. */
const MAX_SHOWN = 100;

/** Milliseconds that a server has to take note of a wish. */
const SEND_MS = 30_000;

const tooMany = (): GatewayError =>
  new GatewayError('too-busy', 'This client has too many subscriptions; end some of them first.', {
    execution: 'not-executed',
  });
