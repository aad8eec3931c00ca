import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS, isObject, METHOD_NOT_FOUND, type Params } from '../../protocol/messages.js';
import type { Gateway } from '../../gateway/api.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { EndpointOptions } from '../endpoint.js';
import { together } from './capabilities.js';
import { findResource } from './findResource.js';
import { fencedInstructions } from './instructions.js';
import { namedQuestion } from './namedQuestion.js';
import type { Destination, Scope } from './scope.js';
import type { Tasks } from './tasks.js';

/** `/mcp`: all servers, their tools and prompts under public names. */
export class AllServers implements Scope {
  /** Whose the resources are that the client subscribed to; the gateway bounds their number. */
  readonly #subscribed = new Map<string, ServerId>();

  constructor(
    private readonly gateway: Gateway,
    private readonly info: EndpointOptions['info'],
    private readonly tasks: Tasks,
  ) {}

  sees(): boolean {
    return true;
  }

  async describe(signal: AbortSignal): Promise<Params> {
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
    const { gateway } = this;
    switch (kind) {
      case 'tools': {
        const listing = await gateway.listTools(signal);
        return { ...listing, items: listing.items.map(({ name, tool }) => ({ ...tool, name })) };
      }
      case 'resources': {
        const listing = await gateway.listResources(signal);
        const items = onePer(
          listing.items.map(({ resource }) => resource),
          ({ uri }) => uri,
        );
        return { ...listing, items };
      }
      case 'resourceTemplates': {
        const listing = await gateway.listResourceTemplates(signal);
        const templates = listing.items.map(({ resourceTemplate }) => resourceTemplate);
        return { ...listing, items: onePer(templates, ({ uriTemplate }) => uriTemplate) };
      }
      case 'prompts': {
        const listing = await gateway.listPrompts(signal);
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
      case 'resources/unsubscribe': {
        // Lists may have changed since.
        const server = this.#subscribed.get(params.uri as string);
        return { server: server ?? (await findResource(this.gateway, params.uri, signal)), params };
      }
      case 'resources/read':
      case 'resources/subscribe':
        return { server: await findResource(this.gateway, params.uri, signal), params };
      case 'completion/complete':
        return this.#completed(params, signal);
      default: {
        const destination = this.tasks.route(method, params);
        if (destination) return destination;
        throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
      }
    }
  };

  answered(method: string, { server, params }: Destination, result: Params): void {
    this.tasks.note(server, result);
    const { uri } = params;
    if (method === 'resources/subscribe' && typeof uri === 'string') this.#subscribed.set(uri, server);
    else if (method === 'resources/unsubscribe') this.#subscribed.delete(uri as string);
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
    const { server, name } = await this.gateway.locate(kind, params.name, signal);
    return { server, params: { ...params, name } };
  }

  async #completed(params: Params, signal: AbortSignal): Promise<{ server: ServerId; params: Params }> {
    const ref = isObject(params.ref) ? params.ref : {};
    if (ref.type === 'ref/resource')
      return { server: await findResource(this.gateway, ref.uri, signal), params };
    const { server, params: named } = await this.#named('prompt', ref, signal);
    return { server, params: { ...params, ref: named } };
  }
}

/** The first of those that share an identity, which is also the one that a request with it goes to. */
const onePer = <T>(items: readonly T[], identity: (item: T) => string): T[] => {
  const first = new Map<string, T>();
  for (const item of items) if (!first.has(identity(item))) first.set(identity(item), item);
  return [...first.values()];
};
