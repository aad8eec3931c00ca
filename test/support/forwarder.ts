import { once } from 'node:events';
import {
  createServer,
  request as send,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Stands in front of a server that wants a token, for clients that cannot send one. */
export interface Forwarder {
  /** The target's URL, with the forwarder's port. */
  readonly url: string;
  dispose(): Promise<void>;
}

/**
 * Adds the bearer token and leaves everything else alone, bodies unbuffered both ways. Of a `Host` that names the forwarder
 * itself only the port is exchanged, so that a foreign one reaches the target as it is.
 */
export async function startForwarder(target: string, token: string): Promise<Forwarder> {
  const { port: targetPort } = new URL(target);
  const server = createServer((request, response) => {
    forward(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    const headers: OutgoingHttpHeaders = { ...request.headers, authorization: `Bearer ${token}` };
    const [name, hostPort] = splitHost(request.headers.host ?? '');
    if (LOOPBACK.has(name) && hostPort === String(port)) headers.host = `${name}:${targetPort}`;
    // Each request has a connection of its own, so that none can meet one that the target is just closing.
    delete headers.connection;
    const { method, url: path } = request;
    const outgoing = send({ host: '127.0.0.1', port: targetPort, method, path, headers, agent: false });
    outgoing.once('response', (answer) => {
      const { connection: _, ...more } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, more).flushHeaders();
      pipeline(answer, response, () => undefined);
    });
    outgoing.on('error', () => {
      // A target that answers before it has read the body may close the connection: the answer counts.
      if (!response.headersSent) response.destroy();
    });
    response.once('close', () => outgoing.destroy());
    request.pipe(outgoing);
  };

  const url = new URL(target);
  url.port = String(port);
  return {
    url: url.href,
    dispose: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `[::1]:80` is `[::1]` and `80`. */
function splitHost(host: string): [name: string, port: string] {
  const end = host.lastIndexOf(':');
  return end === -1 ? [host, ''] : [host.slice(0, end).toLowerCase(), host.slice(end + 1)];
}
