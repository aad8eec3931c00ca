import { PeerClosedError } from '../../protocol/errors.js';
import { isObject, type Params } from '../../protocol/messages.js';
import type { IncomingRequest } from '../../protocol/incoming.js';
import type { PeerRequestOptions } from '../../protocol/pendingRequest.js';
import { Peer } from '../../protocol/peer.js';
import { LATEST_REVISION, REVISIONS } from '../../protocol/revisions.js';
import type { Transport } from '../../protocol/transport.js';
import type { Catalog } from '../model/catalog.js';
import type { Launch } from '../model/definition.js';
import type { GatewayPorts, Logger } from '../ports.js';
import { abortable } from '../util/abort.js';
import type { UpstreamHost } from './guardian.js';
import { HttpTransport } from './httpTransport.js';
import { readCatalogItems } from './readCatalog.js';
import { redactedLogger, redactor, type Redact } from './redact.js';
import { SelfCheck } from './self.js';
import { StdioTransport } from './stdioTransport.js';

/** A server may answer with one of these; the last is from before the first release. */
const KNOWN_REVISIONS = [...REVISIONS, '2024-10-07'];

/** All that clients of the gateway may be able to do; what none of them can is declined when a server asks for it. */
const CAPABILITIES: Params = {
  roots: { listChanged: true },
  sampling: { context: {}, tools: {} },
  elicitation: { form: {}, url: {} },
};

/** Who made a request wait is bounded elsewhere; a single request of the handshake needs no bound of its own. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/** Characters of a transport's complaint; over HTTP it may hold a whole page. */
const MAX_LOGGED = 500;

/** The server spoke, but not MCP as this client knows it. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
}

export interface ConnectionHooks {
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
  readonly #self: SelfCheck;
  readonly #clientInfo: GatewayPorts['clientInfo'];
  #capabilities: Params = {};
  #facts: Pick<Catalog, 'serverInfo' | 'instructions' | 'capabilities' | 'protocolVersion'> | undefined;

  constructor(
    launch: Launch,
    host: Pick<UpstreamHost, 'clientInfo' | 'env' | 'guardian' | 'spawning' | 'self'>,
    logger: Logger,
    hooks: ConnectionHooks,
  ) {
    const redact = redactor(launch);
    this.redact = redact;
    this.#logger = redactedLogger(logger, redact);
    this.#self = new SelfCheck(launch, host);
    this.#clientInfo = host.clientInfo;
    this.#transport =
      launch.type === 'stdio'
        ? new StdioTransport(this.#self.marked(launch), host, logger)
        : new HttpTransport(launch, this.#self.checkReached, host.spawning);
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

  /** For a failure's message: how the process ended and what it last wrote; `undefined` over HTTP. */
  get processReport(): Pick<StdioTransport, 'ended' | 'stderrTail' | 'firstGarbage'> | undefined {
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
    const answer = await this.#request(
      'initialize',
      {
        protocolVersion: LATEST_REVISION,
        capabilities: CAPABILITIES,
        clientInfo: this.#clientInfo,
        _meta: this.#self.meta,
      },
      signal,
    );
    const { protocolVersion, capabilities, serverInfo, instructions } = answer;
    if (typeof protocolVersion !== 'string' || !KNOWN_REVISIONS.includes(protocolVersion))
      throw new HandshakeError(`It speaks MCP ${String(protocolVersion)}, which this version does not know.`);
    this.#capabilities = isObject(capabilities) ? capabilities : {};
    this.#facts = {
      protocolVersion,
      capabilities: this.#capabilities,
      serverInfo: isObject(serverInfo) ? serverInfo : {},
      instructions: typeof instructions === 'string' ? instructions : undefined,
    };
    this.#peer.setProtocolVersion(protocolVersion);
    await abortable(this.#peer.notify('notifications/initialized'), signal);
  }

  /** Everything the server lists now. @throws ListError, the peer's errors, or the signal's reason */
  async readCatalog(signal: AbortSignal): Promise<Catalog> {
    if (!this.#facts) throw new PeerClosedError(false);
    const items = await readCatalogItems(
      this.#capabilities,
      (method, params) => this.#request(method, params, signal),
      this.#logger,
    );
    return { ...this.#facts, ...items };
  }

  /** @throws the peer's errors (see `protocol/errors.ts`) */
  request(method: string, params: Params | undefined, options: PeerRequestOptions): Promise<Params> {
    return this.#peer.request(method, params, options);
  }

  notify(method: string, params?: Params): Promise<void> {
    return this.#peer.notify(method, params);
  }

  /** Resolves when the process, or the session, is gone, or its bounds are over. */
  close(): Promise<void> {
    return this.#peer.close();
  }

  #request(method: string, params: Params, signal: AbortSignal): Promise<Params> {
    return this.#peer.request(method, params, { signal, timeoutMs: NO_TIMEOUT_MS });
  }
}
