import { randomUUID } from 'node:crypto';
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
  const uris = new PublicUris(gateway);
  const door = await openDoor({
    logger,
    token,
    clients,
    port,
    socketPaths,
    knows: (target, client) =>
      target.kind === 'all' || ((!client || seenBy(client)(target.server)) && gateway.knows(target.server)),
    open: (target: Target, transport, client) => {
      // Each session is a client of its own, with its own tasks, because all come with the same token.
      const key = `session ${randomUUID()}`;
      const tasks = new Tasks();
      const own = client ? grantedGateway(gateway, client) : gateway;
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
      uris.dispose();
      await door.dispose();
    },
  };
}
