import { randomUUID } from 'node:crypto';
import { Shared } from '../base/async/shared.js';
import type { ServerId } from '../gateway/model/definition.js';
import type { Endpoint, EndpointOptions, Target } from './endpoint.js';
import { openDoor } from './http/openDoor.js';
import { AllServers } from './relay/allServers.js';
import { grantedGateway, seenBy } from './relay/grantedGateway.js';
import { OneServer } from './relay/oneServer.js';
import { PublicUris } from './relay/publicUris.js';
import { RelaySession } from './relay/relaySession.js';
import { Tasks } from './relay/tasks.js';

/** Clients without a session whose tasks are remembered: as many as can have a token. */
const MAX_AWAY = 200;

/** Opens the endpoint; it starts no server. @throws when no port can be had */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { gateway, instance, info, logger, token, clients, port, socketPaths = [] } = options;
  /** By the servers that a client sees: what it does not see must not show in the names of what it sees. */
  const urisOf = new Shared<PublicUris>({
    most: 0,
    isWanted: () => false,
    dispose: (uris) => {
      uris.dispose();
    },
  });
  /** Of clients with tokens of their own, who have them in their next session too. */
  const tasksOf = new Shared<Tasks>({ most: MAX_AWAY, isWanted: (tasks) => !tasks.isEmpty });
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
      const kept = client && tasksOf.take(key, () => new Tasks());
      const tasks = kept?.value ?? new Tasks();
      const own = client ? grantedGateway(gateway, client) : gateway;
      const uris = urisOf.take(JSON.stringify(client?.servers ?? null), () => new PublicUris(own));
      const scope =
        target.kind === 'all'
          ? new AllServers(own, info, tasks, uris.value, client && seenBy(client))
          : new OneServer(own, target.server, tasks);
      const session = new RelaySession({ key, token: client?.name }, own, instance, scope, transport);
      return {
        dispose: () => {
          session.dispose();
          kept?.release();
          uris.release();
        },
      };
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
      await door.dispose();
    },
  };
}
