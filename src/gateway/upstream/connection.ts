import { isNotDelivered, PeerClosedError, SendError } from '../../protocol/errors.js';
import type { Params } from '../../protocol/messages.js';
import type { IncomingRequest } from '../../protocol/incoming.js';
import type { PeerRequestOptions } from '../../protocol/pendingRequest.js';
import { Peer } from '../../protocol/peer.js';
import type { LargeResult } from '../../protocol/large/largeResult.js';
import { LATEST_REVISION } from '../../protocol/revisions.js';
import type { Transport } from '../../protocol/transport.js';
import type { CatalogKind, ServerFacts } from '../model/catalog.js';
import type { Launch } from '../model/definition.js';
import type { GatewayPorts, Logger } from '../ports.js';
import { abortable } from '../../base/async/abort.js';
import type { TurnScheduler } from '../../base/async/turnScheduler.js';
import type { UpstreamHost } from './host.js';
import { factsOf, revisionRefused } from './handshake.js';
import { HttpTransport } from './http/httpTransport.js';
import { readCatalogItems, type ReadItems } from './lists/readCatalog.js';
import { redactedLogger, redactor, type Redact } from './stdio/redact.js';
import { LoopGuard } from './loopGuard/loopGuard.js';
import { StdioTransport } from './stdio/stdioTransport.js';

/** Who made a request wait is bounded elsewhere; a single request of the handshake needs no bound of its own. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/** Characters of a transport's complaint; over HTTP it may hold a whole page. */
const MAX_LOGGED = 500;

export interface ConnectionHooks {
  /** What clients can be asked, as the server is told it in the handshake. */
  capabilities(): Params;
  /** A list of the server changed. */
  onListChanged(): void;
  /** Any other notification. @param during as `IncomingRequest.during` */
  onNotification(method: string, params: Params, during: readonly object[]): void;
  /** @throws RpcError */
  onRequest(method: string, params: Params, incoming: IncomingRequest): Promise<Params>;
  /** The connection ended; called once, whoever ended it. */
  onClose(): void;
}

/** One connection's life to one server: transport, peer and what the handshake told. Made for one use. */
export class Connection {
  /** Takes the server's secrets out of what it says, before that is logged or shown. */
  readonly redact: Redact;
  readonly #transport: Transport;
  readonly #peer: Peer;
  readonly #logger: Logger;
  readonly #self: LoopGuard;
  readonly #clientInfo: GatewayPorts['clientInfo'];
  readonly #clientCapabilities: () => Params;
  readonly #turns: TurnScheduler;
  #told: Params = {};
  #capabilities: Params = {};
  #facts: ServerFacts | undefined;

  constructor(
    launch: Launch,
    host: Pick<UpstreamHost, 'clientInfo' | 'env' | 'guardian' | 'turns' | 'messages' | 'self'>,
    logger: Logger,
    hooks: ConnectionHooks,
  ) {
    const redact = redactor(launch);
    this.redact = redact;
    this.#logger = redactedLogger(logger, redact);
    this.#self = new LoopGuard(launch, host);
    this.#clientInfo = host.clientInfo;
    this.#turns = host.turns;
    this.#clientCapabilities = () => hooks.capabilities();
    this.#transport =
      launch.type === 'stdio'
        ? new StdioTransport(this.#self.marked(launch), host, logger)
        : new HttpTransport(launch, this.#self.checkReached, host.turns);
    this.#peer = new Peer(this.#transport, {
      onNotification: (method, params, during) => {
        if (/^notifications\/(tools|resources|prompts)\/list_changed$/.test(method)) hooks.onListChanged();
        else hooks.onNotification(method, params, during);
      },
      onRequest: (method, params, incoming) => hooks.onRequest(method, params, incoming),
      onClose: () => {
        hooks.onClose();
      },
      onError: (error) => {
        logger.debug(`Transport: ${redact(error.message, MAX_LOGGED)}`);
      },
    });
  }

  get closed(): boolean {
    return this.#peer.closed;
  }

  /** As the server told them at the handshake. */
  get capabilities(): Params {
    return this.#capabilities;
  }

  /** The capabilities of clients that the server was told of at the handshake. */
  get told(): Params {
    return this.#told;
  }

  /** For a failure's message: how the process ended and what it last wrote; `undefined` over HTTP. */
  get processReport(): Pick<StdioTransport, 'pid' | 'ended' | 'stderrTail' | 'firstGarbage'> | undefined {
    return this.#transport instanceof StdioTransport ? this.#transport : undefined;
  }

  /**
   * Starts the transport and does MCP's handshake (2025-11-25, "Lifecycle").
   * @throws SelfError, HandshakeError, the transport's or the peer's errors, or the signal's reason
   */
  async open(signal: AbortSignal): Promise<void> {
    await abortable(this.#self.checkLaunch(), signal);
    signal.throwIfAborted();
    try {
      await abortable(this.#peer.start(), signal);
      await this.#shakeHands(signal);
    } catch (error) {
      throw this.#self.refusal ?? error;
    }
  }

  async #shakeHands(signal: AbortSignal): Promise<void> {
    this.#told = this.#clientCapabilities();
    const answer = await this.#request(
      'initialize',
      {
        protocolVersion: LATEST_REVISION,
        capabilities: this.#told,
        clientInfo: this.#clientInfo,
        _meta: this.#self.meta,
      },
      signal,
    ).catch((error: unknown) => {
      throw revisionRefused(error instanceof SendError ? error.cause : error) ?? error;
    });
    const facts = factsOf(answer);
    this.#facts = facts;
    this.#capabilities = facts.capabilities;
    this.#peer.setProtocolVersion(facts.protocolVersion);
    await abortable(this.#peer.notify('notifications/initialized'), signal);
  }

  /** What the server said of itself; `undefined` before `open` has resolved. */
  get facts(): ServerFacts | undefined {
    return this.#facts;
  }

  /**
   * What the server lists now of these kinds.
   * @throws the connection's end, or an error where no list at all could be read: ListError, the peer's errors, or the signal's reason
   */
  async readItems(signal: AbortSignal, kinds?: readonly CatalogKind[]): Promise<ReadItems> {
    const request = (method: string, params: Params): Promise<Params | LargeResult> =>
      this.#request(method, params, signal);
    const options = { logger: this.#logger, turns: this.#turns, kinds };
    const read = await readCatalogItems(this.#capabilities, request, options);
    for (const error of read.errors.values())
      if (error instanceof PeerClosedError || isNotDelivered(error)) throw error;
    return read;
  }

  /** @throws the peer's errors (see `protocol/errors.ts`) */
  request(method: string, params: Params | undefined, options: PeerRequestOptions): Promise<Params> {
    return this.#peer.request(method, params, options);
  }

  /** As `Peer.requestRaw`. @throws as `request` */
  requestRaw(
    method: string,
    params: Params | undefined,
    options: PeerRequestOptions,
  ): Promise<Params | LargeResult> {
    return this.#peer.requestRaw(method, params, options);
  }

  notify(method: string, params?: Params): Promise<void> {
    return this.#peer.notify(method, params);
  }

  /** Resolves when the process, or the session, is gone, or its bounds are over. */
  close(): Promise<void> {
    return this.#peer.close();
  }

  #request(method: string, params: Params, signal: AbortSignal): Promise<Params | LargeResult> {
    return this.#peer.requestRaw(method, params, { signal, timeoutMs: NO_TIMEOUT_MS });
  }
}
