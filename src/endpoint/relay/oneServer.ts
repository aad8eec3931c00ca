import type { Params } from '../../protocol/messages.js';
import type { ServerId } from '../../gateway/model/definition.js';
import { throughGateway } from './capabilities.js';
import type { SessionGateway } from './grantedGateway.js';
import type { Destination, Scope } from './scope.js';
import type { Tasks } from './tasks.js';

/** `/mcp/<id>`: one server as it is, under its own names. */
export class OneServer implements Scope {
  constructor(
    private readonly gateway: SessionGateway,
    private readonly server: ServerId,
    private readonly tasks: Tasks,
  ) {}

  sees(server: ServerId): boolean {
    return server === this.server;
  }

  async describe(_client: string | undefined, signal: AbortSignal): Promise<Params> {
    const { title, known } = await this.gateway.describe(this.server, signal);
    const { name, version } = known?.serverInfo ?? {};
    return {
      ...known?.extras,
      capabilities: throughGateway(known?.capabilities),
      serverInfo: {
        title,
        ...known?.serverInfo,
        name: typeof name === 'string' ? name : this.server,
        version: typeof version === 'string' ? version : '0',
      },
      ...(known?.instructions === undefined ? {} : { instructions: known.instructions }),
    };
  }

  readonly list: Scope['list'] = async (kind, signal) => {
    const { gateway, server } = this;
    switch (kind) {
      case 'tools': {
        const listing = await gateway.listTools(signal, server);
        return { ...listing, items: listing.items.map(({ tool }) => tool) };
      }
      case 'resources': {
        const listing = await gateway.listResources(signal, server);
        return { ...listing, items: listing.items.map(({ resource }) => resource) };
      }
      case 'resourceTemplates': {
        const listing = await gateway.listResourceTemplates(signal, server);
        return { ...listing, items: listing.items.map(({ resourceTemplate }) => resourceTemplate) };
      }
      case 'prompts': {
        const listing = await gateway.listPrompts(signal, server);
        return { ...listing, items: listing.items.map(({ prompt }) => prompt) };
      }
    }
  };

  readonly route: Scope['route'] = (method, params) =>
    new Promise((resolve) => {
      const { server } = this;
      resolve(this.tasks.route(method, params, server) ?? { server, params });
    });

  rewrites(): boolean {
    return false;
  }

  answered(_method: string, _params: Params, { server }: Destination, result: Params): Params {
    this.tasks.note(server, result);
    return result;
  }

  heard(_server: ServerId, _method: string, params: Params): readonly Params[] {
    return [params];
  }

  question(_server: ServerId, _method: string, params: Params): Params {
    return params;
  }

  ownsTask(server: ServerId, taskId: unknown): boolean {
    return this.tasks.has(server, taskId);
  }

  readonly gather: Scope['gather'] = (method, params, request) => {
    const { server } = this;
    if (method !== 'tasks/list') return undefined;
    return request(method, { server, params }).then((result) => this.tasks.ownIn(server, result));
  };
}
