import { randomUUID } from 'node:crypto';
import type { Endpoint, EndpointOptions, Target } from './endpoint.js';
import { openDoor } from './http/openDoor.js';
import { AllServers } from './relay/allServers.js';
import { OneServer } from './relay/oneServer.js';
import { Session } from './relay/session.js';

/** Opens the endpoint; it starts no server. @throws when no port can be had */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { gateway, instance, info, logger, token, port } = options;
  const door = await openDoor({
    logger,
    token,
    port,
    knows: (target) => target.kind === 'all' || gateway.knows(target.server),
    open: (target: Target, transport) =>
      new Session(
        // Each session is a client of its own, because all come with the same token.
        `session ${randomUUID()}`,
        gateway,
        instance,
        target.kind === 'all' ? new AllServers(gateway, info) : new OneServer(gateway, target.server),
        transport,
      ),
  });
  const url = `http://127.0.0.1:${door.port}/mcp`;
  let open = true;
  return {
    url,
    port: door.port,
    urlOf: (server) => `${url}/${encodeURIComponent(server)}`,
    addresses: () => (open ? [new URL(url)] : []),
    endSessions: () => {
      door.endSessions();
    },
    dispose: async () => {
      open = false;
      await door.dispose();
    },
  };
}
