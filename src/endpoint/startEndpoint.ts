import { randomUUID } from 'node:crypto';
import type { ClientKey } from '../gateway/model/client.js';
import type { ServerId } from '../gateway/model/definition.js';
import type { Endpoint, EndpointOptions, Target } from './endpoint.js';
import { openDoor } from './http/openDoor.js';
import { AllServers } from './relay/allServers.js';
import { grantedGateway, seenBy } from './relay/grantedGateway.js';
import { OneServer } from './relay/oneServer.js';
import { PublicUris } from './relay/publicUris.js';
import { Session } from './relay/session.js';
import { Tasks } from './relay/tasks.js';

/** Opens the endpoint; it starts no server. @throws when no port can be had */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { gateway, instance, info, logger, token, clients, port, socketPaths = [] } = options;
  /** By the servers that a client sees: what it does not see must not show in the names of what it sees. */
  const urisOf = new Map<string, PublicUris>();
  /** Of clients with tokens of their own, who have them in their next session too. */
  const tasksOf = new Map<ClientKey, Tasks>();
  const door = await openDoor({
    logger,
    token,
    clients,
    port,
    socketPaths,
    knows: (target, client) =>
      target.kind === 'all' || ((!client || seenBy(client)(target.server)) && gateway.knows(target.server)),
    open: (target: Target, transport, client) => {
      // Without a token of its own each session is a client by itself, because all come with the same token.
      const key = client ? `client ${client.name} ${client.createdAt}` : `session ${randomUUID()}`;
      const tasks = (client && tasksOf.get(key)) ?? new Tasks();
      if (client) tasksOf.set(key, tasks);
      const own = client ? grantedGateway(gateway, client) : gateway;
      const granted = JSON.stringify(client?.servers ?? null);
      const uris = urisOf.get(granted) ?? new PublicUris(own);
      urisOf.set(granted, uris);
      const scope =
        target.kind === 'all'
          ? new AllServers(own, info, tasks, uris, client && seenBy(client))
          : new OneServer(own, target.server, tasks);
      return new Session({ key, token: client?.name }, own, instance, scope, transport);
    },
  });
  const origin = `http://127.0.0.1:${door.port}`;
  const url = `${origin}/mcp`;
  const pathOf = (server: ServerId): string => `/mcp/${encodeURIComponent(server)}`;
  let open = true;
  return {
    url,
    port: door.port,
    socket: door.socket,
    urlOf: (server) => `${origin}${pathOf(server)}`,
    pathOf,
    addresses: () => (open && door.port !== 0 ? [new URL(url)] : []),
    endSessions: () => {
      door.endSessions();
    },
    dispose: async () => {
      open = false;
      for (const uris of urisOf.values()) uris.dispose();
      await door.dispose();
    },
  };
}
