import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../gateway/ports.js';
import { abortable, atMost } from '../base/async/abort.js';
import { deferred, type Deferred } from '../base/async/deferred.js';
import type { Message, NotificationMessage, RequestMessage } from '../protocol/messages.js';
import type { Answer } from './answers.js';
import type { Found } from './locate.js';
import { ClientSession, type GatewaySession, type SessionHandlers } from './clientSession.js';

export interface ReconnectingSessionOptions {
  /**
   * The gateway to use now, if there is one that matches the current folder as well as this. Never throws.
   * @param unusable origins that are not to be tried
   */
  readonly find: (leastMatch: number, unusable: ReadonlySet<string>) => Promise<Found | undefined>;
  readonly logger: Logger;
  /** Milliseconds that a request waits for a gateway to come back. */
  readonly waitMs: number;
  readonly onMessage: (session: GatewaySession, message: Message) => Promise<void>;
  readonly onLost: () => void;
  /** A new session stands where another was lost. */
  readonly onBack: (session: GatewaySession) => void;
  /** An `HttpSession` where it is missing. */
  readonly openSession?: (found: Found, handlers: SessionHandlers) => GatewaySession;
}

/** What is said where no gateway runs. */
export const NO_GATEWAY =
  'No MCP gateway of this user is running. Open VS Code with the MCP Tool Gateway extension, or run "mcp-tool-gateway serve", and try again.';

/** There was no gateway for as long as a request may wait. */
export class NoGatewayError extends Error {
  override readonly name = 'NoGatewayError';
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2000;
/** Milliseconds that a request waits when a gateway has been missing for long. */
const LEAST_WAIT_MS = 1000;
/** The part of the wait in which only a gateway will do that is as near as the lost one: its window may be reloading. */
const LOYAL_PART = 1 / 3;

/** Keeps one session with a running gateway for as long as the client stays, whichever gateway that is. */
export class ReconnectingSession {
  readonly #options: ReconnectingSessionOptions;
  readonly #ended = new AbortController();
  #initialize: RequestMessage | undefined;
  #initialized: NotificationMessage | undefined;
  /** Takes the answer to the client's own `initialize`, or that nobody is there to answer. */
  #first: ((answer: Answer | undefined) => void) | undefined;
  #session: GatewaySession | undefined;
  #greeted: GatewaySession | undefined;
  #ready: Deferred = deferred();
  #match = 0;
  #lostAt = -Infinity;

  constructor(options: ReconnectingSessionOptions) {
    this.#options = options;
  }

  /** The session that there is just now. */
  get session(): GatewaySession | undefined {
    return this.#session?.over ? undefined : this.#session;
  }

  get opened(): boolean {
    return this.#initialize !== undefined;
  }

  /** Opens the first session, and keeps one from then on. @returns the gateway's answer @throws NoGatewayError */
  async open(initialize: RequestMessage): Promise<Answer> {
    this.#initialize = initialize;
    this.#lostAt = performance.now();
    const answered = new Promise<Answer | undefined>((resolve) => {
      this.#first = resolve;
    });
    void this.#run();
    const answer = await abortable(answered, this.#ended.signal);
    this.#first = undefined;
    if (answer && 'result' in answer) return answer;
    this.#initialize = undefined;
    if (answer) return answer;
    throw new NoGatewayError(NO_GATEWAY);
  }

  /** The client is ready to be sent requests; so will be every session after this one. */
  async initialized(message: NotificationMessage): Promise<void> {
    this.#initialized = message;
    if (this.session) await this.#greetInForce(this.session);
  }

  /** The session, once there is one. @throws NoGatewayError, the signal's reason */
  async current(signal: AbortSignal): Promise<GatewaySession> {
    const until = Math.max(this.#lostAt + this.#options.waitMs, performance.now() + LEAST_WAIT_MS);
    while (!this.session) {
      const left = until - performance.now();
      if (left <= 0) throw new NoGatewayError(NO_GATEWAY);
      await atMost(this.#ready.promise, left, AbortSignal.any([signal, this.#ended.signal]));
    }
    return this.session;
  }

  /** Resolves when the gateway has been told, or did not want to hear it. */
  async end(): Promise<void> {
    this.#ended.abort(new NoGatewayError('The client has gone.'));
    await this.#session?.end();
  }

  async #run(): Promise<void> {
    const { find, waitMs, logger } = this.#options;
    let pauseMs = FIRST_PAUSE_MS;
    const unusable = new Set<string>();
    while (!this.#ended.signal.aborted && this.#initialize) {
      const waitedMs = performance.now() - this.#lostAt;
      const found = await find(waitedMs < waitMs * LOYAL_PART ? this.#match : 0, unusable);
      // When there is no other, they are tried again: one may only have been about to end.
      if (!found) unusable.clear();
      try {
        if (found && (await this.#join(found, this.#initialize))) return;
      } catch (error) {
        logger.debug(
          `The gateway of process ${found?.pid ?? 0} could not be used: ${(error as Error).message}`,
        );
      }
      if (found) unusable.add(new URL(found.url).origin);
      if (this.#first && waitedMs > waitMs) {
        this.#first(undefined);
        return;
      }
      await delay(pauseMs, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 1.5, MAX_PAUSE_MS);
    }
  }

  /** @returns whether there is nothing more to try */
  async #join(found: Found, initialize: RequestMessage): Promise<boolean> {
    const { onMessage, onBack, logger, openSession } = this.#options;
    const handlers: SessionHandlers = {
      onMessage: (message) => onMessage(session, message),
      onLost: () => {
        this.#lose(session);
      },
    };
    const session: GatewaySession = openSession?.(found, handlers) ?? new ClientSession(found, handlers);
    if (found.socketFault !== undefined)
      logger.warn(
        `The socket of the gateway of process ${found.pid} is not used: ${found.socketFault}. Its port is.`,
      );
    const answer = await session.initialize(initialize);
    const first = this.#first;
    // The client may have gone meanwhile, or have been told that nobody is there.
    const isWanted = !this.#ended.signal.aborted && this.#initialize === initialize;
    if ('error' in answer || !isWanted) {
      await session.end();
      if (isWanted && 'error' in answer)
        logger.warn(`The gateway of process ${found.pid} refused the session: ${answer.error.message}`);
      first?.(answer);
      return first !== undefined || !isWanted;
    }
    await this.#greet(session).catch(async (error: unknown) => {
      await session.end();
      throw error;
    });
    if (session.over) return false;
    this.#session = session;
    this.#match = found.match;
    logger.info(`Connected with the gateway of process ${found.pid}.`);
    this.#ready.resolve();
    if (first) first(answer);
    else onBack(session);
    // It may have come while the session was not in force yet.
    await this.#greetInForce(session);
    return true;
  }

  /** A session that could not be told is given up for the next one. */
  async #greetInForce(session: GatewaySession): Promise<void> {
    await this.#greet(session).catch(async (error: unknown) => {
      this.#options.logger.debug(`The gateway could not be greeted: ${(error as Error).message}`);
      await session.end();
      // It may have been lost by then, and the search for the next one have begun.
      this.#lose(session);
    });
  }

  async #greet(session: GatewaySession): Promise<void> {
    if (!this.#initialized || this.#greeted === session) return;
    this.#greeted = session;
    await session.notify(this.#initialized);
    session.listen();
  }

  #lose(session: GatewaySession): void {
    if (this.#session !== session) return;
    this.#options.logger.info('The gateway went away; looking for one that runs.');
    this.#session = undefined;
    this.#ready = deferred();
    this.#lostAt = performance.now();
    this.#options.onLost();
    void this.#run();
  }
}
