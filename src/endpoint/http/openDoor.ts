import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { INTERNAL_ERROR, METHOD_NOT_FOUND, type Message } from '../../protocol/messages.js';
import { REVISIONS } from '../../protocol/revisions.js';
import type { Target } from '../endpoint.js';
import type { Door, DoorOptions } from '../httpDoor.js';
import { readMessage } from './body.js';
import { Connections } from './connections.js';
import { checkContentType, needsEvents, readAccept } from './content.js';
import { checkVersion, Guard, type Entrant, type Entrance } from './guard.js';
import { DEFAULT_LIMITS, type DoorLimits } from './limits.js';
import { listenOnSocket } from './listenOnSocket.js';
import { answerProof } from './proof.js';
import { errorText, NO_SESSION, Refusal, REFUSED, refuse, respondJson } from './refusal.js';
import { isProofPath, route } from './route.js';
import type { HttpSession } from './httpSession.js';
import { Sessions } from './sessions.js';

const LOOPBACK = '127.0.0.1';
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** Longer than clients keep a connection that they do not use, so that it is them who close it. */
const KEPT_CONNECTION_MS = 60_000;
/** How often connections are held against their times; the shortest time decides. */
const CHECKS_PER_TIME = 4;
/** How often in its time to close the door looks for connections that are idle by now. */
const SWEEPS = 20;

/**
 * Opens the door on 127.0.0.1, and on a socket where paths for one are given and one of them can be had.
 * @param limits others than the default, for tests
 * @throws what `listen` says when there is neither a port nor a socket
 */
export async function openDoor(options: DoorOptions, limits: Partial<DoorLimits> = {}): Promise<Door> {
  const door = new HttpDoor(options, { ...DEFAULT_LIMITS, ...limits });
  if (options.socketPaths.length > 0) await door.listenOnSocket(options.socketPaths);
  await door.listen(options.port);
  return door;
}

class HttpDoor implements Door {
  readonly #server: Server;
  #socketServer: Server | undefined;
  #socket: string | undefined;
  readonly #sessions: Sessions;
  readonly #guard: Guard;
  readonly #connections: Connections;
  #port = 0;
  #disposed: Promise<void> | undefined;

  constructor(
    private readonly options: DoorOptions,
    private readonly limits: DoorLimits,
  ) {
    this.#sessions = new Sessions(options, limits);
    this.#guard = new Guard(options.token, options.clients);
    this.#connections = new Connections(limits.connections);
    this.#server = this.#newServer(() => this.#port);
  }

  get port(): number {
    return this.#port;
  }

  get socket(): string | undefined {
    return this.#socket;
  }

  /** On this port, or any other when it cannot be had; on none where there is a socket and the system has no port. */
  async listen(port: number): Promise<void> {
    try {
      await this.#bind(port);
    } catch (error) {
      if (this.#socket === undefined) throw error;
      this.options.logger.warn(
        `The endpoint has no port, and is reached over its socket only: ${(error as Error).message}.`,
      );
      return;
    }
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#logErrors(this.#server);
  }

  async #bind(port: number): Promise<void> {
    try {
      await bind(this.#server, port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (port === 0 || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error;
      await bind(this.#server, 0);
    }
  }

  /** On the first of these that can be had; without one the port is all there is. */
  async listenOnSocket(paths: readonly string[]): Promise<void> {
    const server = this.#newServer(() => 'socket');
    const { path, taken, faults } = await listenOnSocket(server, paths);
    const { logger } = this.options;
    if (path === undefined) {
      const why = [...taken.map((one) => `another gateway has ${one}`), ...faults].join('; ');
      logger.warn(`The endpoint has no socket, and is reached over its port only: ${why}.`);
      return;
    }
    this.#socketServer = server;
    this.#socket = path;
    this.#logErrors(server);
    if (taken.length > 0)
      logger.info(`The endpoint uses the socket ${path}: another gateway has ${taken.join(', ')}.`);
  }

  endSessions(): void {
    this.#sessions.endAll(404, NO_SESSION, 'This session has ended. Begin a new one with "initialize".');
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    const servers = [this.#server, ...(this.#socketServer ? [this.#socketServer] : [])];
    const closed = servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => {
            resolve();
          });
        }),
    );
    this.#sessions.dispose();
    // A connection is idle only some turns after its last answer was given.
    const sweep = setInterval(() => {
      for (const server of servers) server.closeIdleConnections();
    }, this.limits.closeMs / SWEEPS);
    const timer = setTimeout(() => {
      for (const server of servers) server.closeAllConnections();
    }, this.limits.closeMs);
    await Promise.all(closed);
    clearInterval(sweep);
    clearTimeout(timer);
  }

  #newServer(entrance: () => Entrance): Server {
    const { limits } = this;
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(limits.headersMs, limits.requestMs) / CHECKS_PER_TIME,
      keepAliveTimeout: KEPT_CONNECTION_MS,
      // Answered here, like every other wrong one.
      requireHostHeader: false,
    });
    server.on('connection', (socket) => {
      this.#connections.add(socket);
    });
    server.maxHeadersCount = MAX_HEADERS;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#receive(request, response, entrance());
    };
    // Without a listener of its own the latter is told to go on before anything is checked.
    return server.on('request', onRequest).on('checkContinue', onRequest);
  }

  #logErrors(server: Server): void {
    server.on('error', (error: NodeJS.ErrnoException) => {
      this.options.logger.warn(`The endpoint could not take a connection (${error.code ?? error.name}).`);
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse, entrance: Entrance): Promise<void> {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      await this.#serve(request, response, entrance);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof Refusal))
        this.options.logger.error(`The endpoint failed at a request: ${String(error)}`);
      else this.options.logger.debug(`The endpoint refused a request (${error.status}): ${error.message}`);
      const refusal =
        error instanceof Refusal
          ? error
          : new Refusal(500, INTERNAL_ERROR, 'The gateway failed at this request. Its log says why.');
      refuse(request, response, refusal);
    }
  }

  /** What comes first here is checked first; the body is read after everything that can be known without it. */
  async #serve(request: IncomingMessage, response: ServerResponse, entrance: Entrance): Promise<void> {
    const { headers, url = '' } = request;
    if (isProofPath(url)) {
      this.#guard.checkPlace(headers, entrance);
      await answerProof(
        request,
        response,
        this.options.token(),
        entrance === 'socket' ? this.#socket : undefined,
      );
      return;
    }
    const entrant = await this.#guard.admit(headers, entrance);
    this.#connections.know(request.socket);
    const target = route(url);
    if (!target || !this.options.knows(target, entrant.client))
      throw new Refusal(404, REFUSED, 'There is no such address. Look at the client configuration.');
    const id = headers['mcp-session-id'];
    const from: Sender = { entrant, target, session: id === undefined ? undefined : String(id) };
    if (request.method === 'POST') {
      await this.#post(request, response, from);
    } else if (request.method === 'GET') {
      needsEvents(readAccept(headers));
      checkVersion(headers);
      const lastEventId = headers['last-event-id'];
      this.#find(from).listen(response, lastEventId === undefined ? undefined : String(lastEventId));
    } else if (request.method === 'DELETE') {
      checkVersion(headers);
      await this.#find(from).close();
      response.writeHead(204).end();
    } else {
      throw new Refusal(405, REFUSED, 'Use POST, GET or DELETE.', { allow: 'GET, POST, DELETE' });
    }
  }

  async #post(request: IncomingMessage, response: ServerResponse, from: Sender): Promise<void> {
    const { headers } = request;
    checkContentType(headers);
    const accepts = readAccept(headers);
    // Whether one is needed, only the body says.
    if (from.session !== undefined) this.#find(from);
    if (headers.expect !== undefined) response.writeContinue();
    const message = await readMessage(request, this.limits.bodyBytes);
    if (this.#disposed) throw new Refusal(503, REFUSED, 'The gateway is closing. Try again when it runs.');
    // The token may be another since.
    this.#guard.check(from.entrant);
    if (isDiscover(message)) {
      respondJson(response, 400, errorText(message.id, METHOD_NOT_FOUND, NO_DISCOVERY));
      return;
    }
    checkVersion(headers);
    if (!isInitialize(message)) {
      const answers = this.#find(from).receive(message, response, accepts);
      if (!answers) response.writeHead(202).end();
    } else if (from.session === undefined) {
      this.#sessions.open(from.target, from.entrant, message, response, accepts);
    } else {
      throw new Refusal(400, REFUSED, 'A session begins with "initialize" once. Send it without a session.');
    }
  }

  #find({ session, target, entrant }: Sender): HttpSession {
    return this.#sessions.find(session, target, entrant.digest);
  }
}

/** Who sends a request: what its head says, once it has been let in. */
interface Sender {
  readonly entrant: Entrant;
  readonly target: Target;
  readonly session: string | undefined;
}

/**
 * A client of MCP 2026-07-28 asks for this first, and goes back to `initialize` when it is told by an error of the earlier
 * revisions that there is no such method; that revision's own error would tell it to stay.
 */
const NO_DISCOVERY = `Method not found: server/discover. This endpoint speaks MCP ${REVISIONS.join(', ')}: begin with "initialize".`;

const isDiscover = (message: Message): message is Extract<Message, { id: unknown; method: string }> =>
  'method' in message && 'id' in message && message.method === 'server/discover';

const isInitialize = (message: Message): message is Extract<Message, { id: unknown; method: string }> =>
  'method' in message && 'id' in message && message.method === 'initialize';

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
