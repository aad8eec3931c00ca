import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from '../../src/gateway/api.js';
import { G, testGateway } from './gateway.js';

export interface HttpMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Record<string, unknown>;
    readonly requestId?: number | string;
  };
}

/** One message over HTTP that a test answers as it likes. */
export interface Exchange {
  readonly message: HttpMessage;
  /** The header `mcp-session-id`. */
  readonly session: string | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As JSON, with a status of 200 if nothing else was said. */
  readonly answer: (body: Record<string, unknown>, status?: number) => void;
  /** Begins an event stream with these bytes. */
  readonly stream: (begin?: string) => void;
}

export interface TestHttpServer {
  readonly url: string;
  readonly server: Server;
  /** Those that it knows; forget one by taking it out. */
  readonly sessions: Set<string>;
  readonly begun: () => number;
}

/**
 * A server with one tool, `run`, over Streamable HTTP in this process. It answers the handshake and the list by itself.
 * @param handle answers the rest: calls, notifications other than `initialized`, GET (its message is empty)
 */
export async function httpServer(
  cleanups: (() => Promise<unknown>)[],
  handle: (exchange: Exchange) => void,
): Promise<TestHttpServer> {
  const sessions = new Set<string>();
  let begun = 0;
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const message = JSON.parse(body || '{}') as HttpMessage;
      const { id, method } = message;
      const session = request.headers['mcp-session-id'] as string | undefined;
      const answer: Exchange['answer'] = (content, status = 200) =>
        void response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, ...content }));
      if (request.method === 'DELETE') {
        response.end();
      } else if (method === 'initialize') {
        const own = `session-${++begun}`;
        sessions.add(own);
        response.setHeader('mcp-session-id', own);
        const serverInfo = { name: 'test', version: '1' };
        answer({ result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } });
      } else if (method === 'notifications/initialized') {
        response.writeHead(202).end();
      } else if (method === 'tools/list' && !sessions.has(session ?? '')) {
        answer({ error: { code: -32001, message: 'Session not found' } }, 404);
      } else if (method === 'tools/list') {
        answer({ result: { tools: [{ name: 'run', inputSchema: { type: 'object' } }] } });
      } else {
        const stream = (begin = ''): void =>
          void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(begin);
        handle({ message, session, request, response, answer, stream });
      }
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, server, sessions, begun: () => begun };
}

/** A result of `run`. */
export const text = (value: unknown): Record<string, unknown> => ({
  result: { content: [{ type: 'text', text: String(value) }] },
});

/** A gateway that has connected to one server at this address, `web`. */
export async function gatewayOf(
  url: string,
  cleanups: (() => Promise<unknown>)[],
  definition: Record<string, unknown> = {},
): Promise<Gateway> {
  const { gateway } = await testGateway({ web: { url, ...definition } }, cleanups, { gracePeriodMs: 50 * G });
  await gateway.listTools();
  return gateway;
}
