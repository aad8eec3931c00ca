import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerProof } from '../../src/endpoint/http/proof.js';
import { refuse, type Refusal } from '../../src/endpoint/http/refusal.js';
import { ANNOUNCED_TOKEN, type Line } from './connectClient.js';

/** One message that reached a gateway of a test. */
export interface Arrival {
  readonly message: Line;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As JSON, with a status of 200 if nothing else was said. */
  readonly answer: (body: Record<string, unknown>, status?: number) => void;
  /** Writes an event to the answer, which is a stream from then on. */
  readonly event: (message: Record<string, unknown>, id?: string) => void;
}

/** A gateway's endpoint as `connect` sees it, which a test plays. */
export interface RelayGateway {
  readonly url: string;
  readonly port: number;
  /** All that came, in order: a method of MCP, or GET and DELETE; with the headers. */
  readonly arrivals: Arrival[];
  readonly methods: () => string[];
  /** Sends something by the standalone stream of the latest session. */
  readonly push: (message: Record<string, unknown>) => void;
  /** Forgets all sessions, as a restart would. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: {},
  resources: { subscribe: true, listChanged: true },
  logging: {},
};

/** As the door does it. */
export const proves = (request: IncomingMessage, response: ServerResponse, token: string): Promise<void> =>
  answerProof(request, response, token).catch((error: unknown) => {
    refuse(request, response, error as Refusal);
  });

/** @param handle answers what is not answered by itself: requests other than `initialize`, and the `held` notification */
export async function relayGateway(
  cleanups: (() => Promise<unknown>)[],
  handle: (arrival: Arrival) => void,
  {
    port = 0,
    token,
    path = '/mcp',
    held,
    refuses = () => false,
  }: {
    port?: number;
    token?: string;
    path?: string;
    held?: string;
    /** What it is too small for. */
    refuses?: (message: Line) => boolean;
  } = {},
): Promise<RelayGateway> {
  const sessions = new Set<string>();
  const arrivals: Arrival[] = [];
  let standalone: ServerResponse | undefined;
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/proof') {
        await proves(request, response, token ?? ANNOUNCED_TOKEN);
        return;
      }
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const message = JSON.parse(body || JSON.stringify({ method: request.method })) as Line;
      const { id } = message;
      const answer: Arrival['answer'] = (content, status = 200) =>
        void response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id: id ?? null, ...content }));
      const event: Arrival['event'] = (content, eventId) => {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(
          `${eventId === undefined ? '' : `id: ${eventId}\n`}data: ${JSON.stringify({ jsonrpc: '2.0', ...content })}\n\n`,
        );
      };
      const arrival: Arrival = { message, request, response, answer, event };
      arrivals.push(arrival);
      const session = request.headers['mcp-session-id'] as string | undefined;
      if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
        answer({ error: {} }, 401);
      else if (request.url !== path) answer({ error: { code: -32000, message: 'No such server' } }, 404);
      else if (refuses(message)) answer({ error: { code: -32600, message: 'Too large' } }, 413);
      else if (message.method === 'initialize') {
        const own = `session-${Math.random()}`;
        sessions.add(own);
        response.setHeader('mcp-session-id', own);
        const serverInfo = { name: 'relay', version: '1' };
        answer({ result: { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, serverInfo } });
      } else if (!sessions.has(session ?? '')) {
        answer({ error: { code: -32001, message: 'Session not found' } }, 404);
      } else if (request.method === 'DELETE') {
        response.end();
      } else if (request.method === 'GET' && request.headers['last-event-id'] === undefined) {
        standalone = response;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      } else if (
        request.method === 'POST' &&
        message.method !== held &&
        (id === undefined || message.method === undefined)
      ) {
        response.writeHead(202).end();
      } else handle(arrival);
    })();
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    server.closeAllConnections();
    await closed;
  };
  cleanups.push(close);
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}/mcp`,
    port: own,
    arrivals,
    methods: () => arrivals.map(({ message }) => message.method ?? 'answer'),
    push: (message) => standalone?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`),
    forget: () => {
      sessions.clear();
    },
    close,
  };
}
