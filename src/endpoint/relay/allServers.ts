import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS, isObject, METHOD_NOT_FOUND, type Params } from '../../protocol/messages.js';
import { CANONICAL_NAMES } from '../../gateway/model/nameForm.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { EndpointOptions } from '../endpoint.js';
import { together } from './capabilities.js';
import { findResource, type Found } from './findResource.js';
import { isWithin } from '../../gateway/model/uri.js';
import { fencedInstructions } from './instructions.js';
import { nameFormOf } from './nameForms.js';
import { markedUri } from './markedUri.js';
import { namedQuestion } from './namedQuestion.js';
import type { SessionGateway } from './grantedGateway.js';
import type { PublicUris } from './publicUris.js';
import { inMeta, rewriteUris } from './rewriteUris.js';
import type { Destination, Scope } from './scope.js';
import type { Tasks } from './tasks.js';

/** `/mcp`: all servers, their tools and prompts under public names. */
export class AllServers implements Scope {
  /** What the client subscribed to, by the URIs that it used; the gateway bounds their number. */
  readonly #subscribed = new Map<string, Found>();
  #names = CANONICAL_NAMES;

  constructor(
    private readonly gateway: SessionGateway,
    private readonly info: EndpointOptions['info'],
    private readonly tasks: Tasks,
    private readonly uris: PublicUris,
    /** Whether the client sees a server; all where it is left out. */
    private readonly seen: ((server: ServerId) => boolean) | undefined,
  ) {}

  sees(server: ServerId): boolean {
    return this.seen?.(server) ?? true;
  }

  async describe(client: string | undefined, signal: AbortSignal): Promise<Params> {
    this.#names = nameFormOf(client);
    const servers = this.gateway.servers().map(({ id }) => id);
    const all = await Promise.all(
      // One that is removed meanwhile is none of them any more.
      servers.map((server) => this.gateway.describe(server, signal).catch(() => undefined)),
    );
    signal.throwIfAborted();
    const instructions = fencedInstructions(
      all.flatMap((one) =>
        one?.known?.instructions ? [{ server: one.server, instructions: one.known.instructions }] : [],
      ),
    );
    return {
      capabilities: together(all.map((one) => one?.known?.capabilities)),
      serverInfo: this.info,
      ...(instructions === undefined ? {} : { instructions }),
    };
  }

  readonly list: Scope['list'] = async (kind, signal) => {
    const { gateway, uris } = this;
    switch (kind) {
      case 'tools': {
        const listing = await gateway.listTools(signal, undefined, this.#names);
        const items = listing.items.map(({ name, server, tool }) => ({
          ...tool,
          name,
          ...this.#ui(server, tool),
        }));
        return { ...listing, items };
      }
      case 'resources': {
        const listing = await gateway.listResources(signal);
        const items = listing.items.map(({ server, resource }) => ({
          ...resource,
          uri: uris.ofResource(server, resource.uri),
        }));
        return { ...listing, items: onePer(items, ({ uri }) => uri) };
      }
      case 'resourceTemplates': {
        const listing = await gateway.listResourceTemplates(signal);
        const items = listing.items.map(({ server, resourceTemplate }) => ({
          ...resourceTemplate,
          uriTemplate: uris.ofTemplate(server, resourceTemplate.uriTemplate),
        }));
        return { ...listing, items: onePer(items, ({ uriTemplate }) => uriTemplate) };
      }
      case 'prompts': {
        const listing = await gateway.listPrompts(signal, undefined, this.#names);
        return { ...listing, items: listing.items.map(({ name, prompt }) => ({ ...prompt, name })) };
      }
    }
  };

  readonly route: Scope['route'] = async (method, params, signal) => {
    switch (method) {
      case 'tools/call':
        return this.#named('tool', params, signal);
      case 'prompts/get':
        return this.#named('prompt', params, signal);
      case 'resources/unsubscribe':
        return this.#unsubscribed(params);
      case 'resources/read':
      case 'resources/subscribe': {
        const { server, uri } = await findResource(this.gateway, params.uri, signal);
        return { server, params: { ...params, uri } };
      }
      case 'completion/complete':
        return this.#completed(params, signal);
      default: {
        const destination = this.tasks.route(method, params);
        if (destination) return destination;
        throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
      }
    }
  };

  rewrites({ uri }: Params, { server, params: own }: Destination): boolean {
    return uri !== own.uri || this.uris.differ(server);
  }

  answered(method: string, params: Params, destination: Destination, result: Params): Params {
    const { server, params: own } = destination;
    this.tasks.note(server, result);
    const { uri } = params;
    if (typeof uri === 'string') {
      if (method === 'resources/subscribe') this.#subscribed.set(uri, { server, uri: String(own.uri) });
      if (method === 'resources/unsubscribe') this.#subscribed.delete(uri);
    }
    if (!this.rewrites(params, destination)) return result;
    // What was read has the name that it was read by.
    return rewriteUris(result, (one) =>
      uri !== own.uri && one === own.uri ? String(uri) : this.uris.ofResource(server, one),
    );
  }

  heard(server: ServerId, method: string, params: Params): readonly Params[] {
    const { uri } = params;
    if (method !== 'notifications/resources/updated' || typeof uri !== 'string') return [params];
    const names = [...this.#subscribed].flatMap(([name, found]) => {
      if (found.server !== server) return [];
      if (found.uri === uri) return [name];
      // Part of what the client knows under another name.
      return name !== found.uri && isWithin(uri, found.uri) ? [markedUri(uri, server)] : [];
    });
    if (names.length === 0) names.push(this.uris.ofResource(server, uri));
    return [...new Set(names)].map((name) => ({ ...params, uri: name }));
  }

  readonly question: Scope['question'] = namedQuestion;

  ownsTask(server: ServerId, taskId: unknown): boolean {
    return this.tasks.has(server, taskId);
  }

  readonly gather: Scope['gather'] = (method, _params, request) =>
    method === 'tasks/list' ? this.tasks.listAll(request) : undefined;

  async #named(
    kind: 'tool' | 'prompt',
    params: Params,
    signal: AbortSignal,
  ): Promise<{ server: ServerId; params: Params }> {
    if (typeof params.name !== 'string') throw new RpcError(INVALID_PARAMS, `The ${kind} has no name.`);
    const { server, name } = await this.gateway.locate(kind, params.name, signal, undefined, this.#names);
    return { server, params: { ...params, name } };
  }

  /** To the server, unless the client did not subscribe, or still is subscribed to the same by another URI. */
  #unsubscribed(params: Params): Destination | undefined {
    const { uri: name } = params;
    if (typeof name !== 'string') return undefined;
    const found = this.#subscribed.get(name);
    if (!found) return undefined;
    const { server, uri } = found;
    const same = [...this.#subscribed.values()].filter(
      (other) => other.server === server && other.uri === uri,
    );
    if (same.length === 1) return { server, params: { ...params, uri } };
    this.#subscribed.delete(name);
    return undefined;
  }

  /** The `_meta` of a tool whose page has another name here. */
  #ui(server: ServerId, { _meta: meta }: { readonly _meta?: unknown }): { readonly _meta?: unknown } {
    if (meta === undefined || !this.uris.differ(server)) return {};
    return { _meta: inMeta(meta, (uri) => this.uris.ofResource(server, uri)) };
  }

  async #completed(params: Params, signal: AbortSignal): Promise<{ server: ServerId; params: Params }> {
    const ref = isObject(params.ref) ? params.ref : {};
    if (ref.type === 'ref/resource') {
      const { server, uri } = await findResource(this.gateway, ref.uri, signal);
      return { server, params: { ...params, ref: { ...ref, uri } } };
    }
    const { server, params: named } = await this.#named('prompt', ref, signal);
    return { server, params: { ...params, ref: named } };
  }
}

/** The first of those that share an identity: a server may list a thing twice. */
const onePer = <T>(items: readonly T[], identity: (item: T) => string): T[] => {
  const first = new Map<string, T>();
  for (const item of items) if (!first.has(identity(item))) first.set(identity(item), item);
  return [...first.values()];
};
