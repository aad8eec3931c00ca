import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Target } from '../../src/endpoint/endpoint.js';
import type { Door } from '../../src/endpoint/httpDoor.js';
import type { DoorLimits } from '../../src/endpoint/http/limits.js';
import { openDoor } from '../../src/endpoint/http/openDoor.js';
import { RpcError } from '../../src/protocol/errors.js';
import type { Message, Params, RequestId } from '../../src/protocol/messages.js';
import { Peer } from '../../src/protocol/peer.js';
import type { Transport } from '../../src/protocol/transport.js';
import { until } from './gateway.js';

export const TOKEN = 'a-token-that-nobody-may-see';
export const LATEST = '2025-11-25';
export const BEFORE_PRIMING = '2025-06-18';

/** A session as its far end sees it. */
export interface OpenedSession {
  readonly target: Target;
  readonly transport: Transport;
  /** What the client posted, in order. */
  readonly received: Message[];
  /** Lets the answers go that `hold` holds back. */
  readonly release: () => void;
  /** Of the requests held back, how many were aborted. */
  aborted: number;
  closed: number;
  disposed: number;
}

export interface TestDoor {
  readonly door: Door;
  readonly port: number;
  readonly sessions: OpenedSession[];
  readonly lines: string[];
  /** Changes what the door takes from now on. */
  token: string;
}

/** A door on a free port with servers `one` and `a/b` behind it, which only echo. */
export async function testDoor(
  cleanups: (() => Promise<unknown>)[],
  limits: Partial<DoorLimits> = {},
  port = 0,
  socketPaths: readonly string[] = [],
): Promise<TestDoor> {
  const sessions: OpenedSession[] = [];
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const state = { token: TOKEN };
  const door = await openDoor(
    {
      logger: { debug: log, info: log, warn: log, error: log },
      token: () => state.token,
      port,
      socketPaths,
      knows: (target) => target.kind === 'all' || ['one', 'a/b'].includes(target.server),
      open: (target, transport) => {
        const session = echo(target, transport);
        sessions.push(session);
        return { dispose: () => session.disposed++ };
      },
    },
    limits,
  );
  cleanups.push(() => door.dispose());
  return Object.assign(state, { door, port: door.port, sessions, lines });
}

/** Answers `echo` at once, `hold` when released, `progress` after so much of it, `ask` with what the client says. */
function echo(target: Target, transport: Transport): OpenedSession {
  const held: (() => void)[] = [];
  const received: Message[] = [];
  const hold = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      held.push(resolve);
      signal.addEventListener('abort', () => {
        session.aborted++;
        reject(new Error('aborted'));
      });
    });
  const peer = new Peer(transport, {
    onRequest: async (method, params, { id, signal, onProgress }): Promise<Params> => {
      switch (method) {
        case 'initialize':
          if (params.hold) await hold(signal);
          if (params.refuse) throw new RpcError(-32602, 'Refused.');
          return {
            protocolVersion: params.protocolVersion,
            capabilities: {},
            serverInfo: { name: 'test', version: '0' },
          };
        case 'echo':
          return params;
        case 'progress':
          for (let progress = 1; progress <= Number(params.count ?? 1); progress++)
            if (onProgress) onProgress({ progress });
            else await peer.notify('notifications/progress', { progress }, { relatedRequestId: id });
          return params;
        case 'ask':
          return peer.request('roots/list', {}, { relatedRequestId: id, timeoutMs: 10_000 });
        case 'hold':
          await hold(signal);
          return params;
        default:
          throw new RpcError(-32601, `Method not found: ${method}`);
      }
    },
    onClose: () => session.closed++,
  });
  const { onmessage } = transport;
  transport.onmessage = (message, during) => {
    received.push(message);
    onmessage?.(message, during);
  };
  void peer.start();
  const session: OpenedSession = {
    target,
    transport,
    received,
    release: () => {
      for (const resolve of held.splice(0)) resolve();
    },
    aborted: 0,
    closed: 0,
    disposed: 0,
  };
  return session;
}

export const notification = (method: string, params: Params = {}): Message => ({
  jsonrpc: '2.0',
  method,
  params,
});

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  /** `undefined` leaves one out that is else there. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Whose connections are used; else each request has one of its own, which ends with it. */
  readonly agent?: Agent;
}

/**
 * One request with everything that a good one has, but for what the test says. Ends with the head of the answer.
 * @param at a port or the path of a socket
 */
export function ask(at: number | string, asked: Asked = {}): Promise<IncomingMessage> {
  const { method = 'POST', path = '/mcp', body, signal, agent = false } = asked;
  const headers = Object.fromEntries(
    Object.entries({
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/json, text/event-stream',
      'content-type': body === undefined ? undefined : 'application/json',
      ...asked.headers,
    }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const address = typeof at === 'number' ? { host: '127.0.0.1', port: at } : { socketPath: at };
  return new Promise((resolve, reject) => {
    const client = request({ ...address, method, path, headers, agent, signal }, resolve);
    client.on('error', reject);
    client.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  });
}

/** The same, with the whole answer. */
export async function reply(at: number | string, asked: Asked = {}): Promise<Reply> {
  const response = await ask(at, asked);
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** A client that knows the protocol's headers. */
export interface TestClient {
  readonly id: string;
  readonly headers: Record<string, string>;
  request(id: RequestId, method: string, params?: Params, more?: Asked): Promise<Reply>;
  /** Like `request`, for an answer that is a stream. */
  stream(id: RequestId, method: string, params?: Params): Promise<EventReader>;
  post(message: Message): Promise<Reply>;
  listen(lastEventId?: string): Promise<EventReader>;
  remove(): Promise<Reply>;
}

export const initialize = (protocolVersion = LATEST, more: Params = {}): Message => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '0' }, ...more },
});

export async function connect(at: number | string, path = '/mcp', version = LATEST): Promise<TestClient> {
  const opened = await reply(at, { path, body: initialize(version) });
  const id = String(opened.headers['mcp-session-id']);
  const headers = { 'mcp-session-id': id, 'mcp-protocol-version': version };
  const message = (requestId: RequestId, method: string, params: Params): Message => ({
    jsonrpc: '2.0',
    id: requestId,
    method,
    params,
  });
  return {
    id,
    headers,
    request: (requestId, method, params = {}, more = {}) =>
      reply(at, {
        path,
        ...more,
        headers: { ...headers, ...more.headers },
        body: message(requestId, method, params),
      }),
    stream: async (requestId, method, params = {}) =>
      new EventReader(await ask(at, { path, headers, body: message(requestId, method, params) })),
    post: (body) => reply(at, { path, headers, body }),
    listen: async (lastEventId) =>
      new EventReader(
        await ask(at, {
          path,
          method: 'GET',
          headers: { ...headers, accept: 'text/event-stream', 'last-event-id': lastEventId },
        }),
      ),
    remove: () => reply(at, { path, method: 'DELETE', headers }),
  };
}

export interface StreamEvent {
  readonly id: string | undefined;
  /** The message; nothing for an event without data. */
  readonly message: Params | undefined;
}

/** Reads a stream of events as it comes. */
export class EventReader {
  readonly events: StreamEvent[] = [];
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  comments = 0;
  ended = false;

  constructor(private readonly response: IncomingMessage) {
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#read(block);
    });
    response.on('error', () => undefined);
    response.on('close', () => (this.ended = true));
  }

  /** What was said, without events that have no data. */
  get messages(): Params[] {
    return this.events.flatMap(({ message }) => (message ? [message] : []));
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  count(messages: number): Promise<void> {
    return until(() => this.messages.length >= messages, `${messages} messages have come`);
  }

  end(): Promise<void> {
    return until(() => this.ended, 'the stream has ended');
  }

  /** As a client that is gone. */
  destroy(): void {
    this.response.destroy();
  }

  /** As a client that hangs. */
  pause(): void {
    this.response.pause();
  }

  #read(block: string): void {
    if (block.startsWith(':')) {
      this.comments++;
      return;
    }
    const field = (name: string): string | undefined => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
    const data = field('data');
    this.events.push({ id: field('id'), message: data ? (JSON.parse(data) as Params) : undefined });
  }
}
