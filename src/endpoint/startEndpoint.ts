import { randomUUID } from 'node:crypto';
import type { ServerId } from '../gateway/model/definition.js';
import type { Endpoint, EndpointOptions, Target } from './endpoint.js';
import { openDoor } from './http/openDoor.js';
import { AllServers } from './relay/allServers.js';
import { OneServer } from './relay/oneServer.js';
import { PublicUris } from './relay/publicUris.js';
import { Session } from './relay/session.js';
import { Tasks } from './relay/tasks.js';

/** Opens the endpoint; it starts no server. @throws when no port can be had */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { gateway, instance, info, logger, token, port, socketPaths = [] } = options;
  const uris = new PublicUris(gateway);
  const door = await openDoor({
    logger,
    token,
    port,
    socketPaths,
    knows: (target) => target.kind === 'all' || gateway.knows(target.server),
    open: (target: Target, transport) => {
      // Each session is a client of its own, with its own tasks, because all come with the same token.
      const key = `session ${randomUUID()}`;
      const tasks = new Tasks();
      const scope =
        target.kind === 'all'
          ? new AllServers(gateway, info, tasks, uris)
          : new OneServer(gateway, target.server, tasks);
      return new Session(key, gateway, instance, scope, transport);
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
