import type { Logger } from '../gateway/ports.js';
import { atMost } from '../base/async/abort.js';
import { Closings } from '../base/async/closings.js';
import { InFlightMap } from '../protocol/inFlightMap.js';
import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  isObject,
  type Message,
  type NotificationMessage,
  type Params,
  type RequestId,
  type RequestMessage,
} from '../protocol/messages.js';
import { readResult } from '../protocol/large/largeResult.js';
import { CONNECTION_LOST, errorAnswer, isAnswer, type Answer } from './answers.js';
import { PendingServerRequests } from './pendingServerRequests.js';
import { NotTakenError } from './requestExchange.js';
import {
  ReconnectingSession,
  NoGatewayError,
  type ReconnectingSessionOptions,
} from './reconnectingSession.js';
import { ReplayableState } from './replayableState.js';
import type { GatewaySession } from './clientSession.js';

export interface StdioProxyOptions {
  readonly find: ReconnectingSessionOptions['find'];
  readonly logger: Logger;
  /** Gives a message to the client; resolves when it takes more. */
  readonly send: (message: Message) => Promise<void>;
  /** Milliseconds that a request waits for a gateway to come back. */
  readonly waitMs: number;
}

interface Work {
  readonly controller: AbortController;
  session: GatewaySession | undefined;
  cancelled: boolean;
}

/** Requests of the client without an answer, and its notifications that have not been sent yet. */
const MAX_WAITING = 1000;
/** Milliseconds that the telling of a cancellation may take before the request is given up. */
const CANCEL_MS = 1000;
/** Milliseconds that requests may still be answered when the client says nothing more: it may be a pipe. */
const LAST_MS = 500;

const UNKNOWN =
  'The connection to the gateway broke while it worked on this, so that it may have been done or not. Check before you try again.';
const NOT_DONE = 'The gateway went away before it took this. Nothing was done; try again.';

/**
 * One client, and whichever gateway runs: its messages go to the gateway's session and back as they are. When the gateway
 * goes away the client does not notice, but for the requests whose outcome nobody knows.
 */
export class StdioProxy {
  readonly #options: StdioProxyOptions;
  readonly #link: ReconnectingSession;
  readonly #working = new InFlightMap<Work>();
  readonly #answering = new Closings();
  readonly #asked = new PendingServerRequests();
  readonly #memory = new ReplayableState();
  #capabilities: Params = {};
  /** What is no request goes in order; a request goes after what came before it. */
  #order: Promise<void> = Promise.resolve();
  #inOrder = 0;
  #ended = false;

  constructor(options: StdioProxyOptions) {
    this.#options = options;
    this.#link = new ReconnectingSession({
      ...options,
      onMessage: (session, message) => this.#pass(session, message),
      onLost: () => {
        for (const requestId of this.#asked.forget())
          void this.#tell('notifications/cancelled', {
            requestId,
            reason: 'The connection to the gateway broke.',
          });
      },
      onBack: (session) => {
        this.#resume(session);
      },
    });
  }

  /** Takes a message of the client. */
  receive(message: Message): void {
    if ('method' in message && 'id' in message) {
      void this.#answering.add(this.#work(message, this.#order));
      return;
    }
    if (this.#inOrder >= MAX_WAITING) {
      this.#options.logger.warn(
        'The client sends notifications faster than the gateway takes them; one was dropped.',
      );
      return;
    }
    this.#inOrder++;
    this.#order = this.#order
      .then(() => this.#forward(message))
      .catch((error: unknown) => {
        this.#options.logger.debug(`A notification did not reach the gateway: ${(error as Error).message}`);
      })
      .finally(() => {
        this.#inOrder--;
      });
  }

  /** The client says nothing more. Resolves when the gateway knows. */
  async end(): Promise<void> {
    await atMost(this.#answering.all(), LAST_MS);
    this.#ended = true;
    await this.#link.end();
  }

  async #work(message: RequestMessage, before: Promise<void>): Promise<void> {
    const { id } = message;
    if (this.#working.has(id) || this.#working.size >= MAX_WAITING) {
      const why = this.#working.has(id) ? 'A request with this id is at work.' : 'Too many requests at once.';
      await this.#options.send(errorAnswer(id, INVALID_REQUEST, why));
      return;
    }
    const work: Work = { controller: new AbortController(), session: undefined, cancelled: false };
    this.#working.set(id, work);
    try {
      await before;
      const answer = await this.#answer(message, work);
      // MCP 2025-11-25, "Cancellation": a cancelled request gets no response.
      if (!work.cancelled && !this.#ended) await this.#options.send(answer);
    } finally {
      this.#working.delete(id);
    }
  }

  async #answer(message: RequestMessage, work: Work): Promise<Answer> {
    const { id, method } = message;
    try {
      if (!this.#link.opened) {
        if (method === 'initialize') return await this.#open(message);
        return method === 'ping'
          ? { jsonrpc: '2.0', id, result: {} }
          : errorAnswer(id, INVALID_REQUEST, 'Send initialize first.');
      }
      const answer = await this.#request(message, work);
      this.#memory.note(message, answer);
      return answer;
    } catch (error) {
      if (error instanceof NoGatewayError)
        return errorAnswer(id, CONNECTION_LOST, error.message, { outcome: 'not-sent' });
      if (error instanceof NotTakenError)
        return errorAnswer(id, CONNECTION_LOST, NOT_DONE, { outcome: 'not-sent' });
      return errorAnswer(id, CONNECTION_LOST, UNKNOWN, { outcome: 'unknown' });
    }
  }

  async #open(message: RequestMessage): Promise<Answer> {
    const answer = await this.#link.open(message);
    if ('result' in answer) {
      const { capabilities } = readResult(answer.result);
      if (isObject(capabilities)) this.#capabilities = capabilities;
    }
    return answer;
  }

  /** Sends a request, and once more where it certainly was not taken. */
  async #request(message: RequestMessage, work: Work): Promise<Answer> {
    const { signal } = work.controller;
    try {
      work.session = await this.#link.current(signal);
      return await work.session.request(message, signal);
    } catch (error) {
      if (!(error instanceof NotTakenError) || signal.aborted) throw error;
      work.session = await this.#link.current(signal);
      return await work.session.request(message, signal);
    }
  }

  /** What is no request: from the client to whom it concerns. */
  async #forward(message: Message): Promise<void> {
    if (isAnswer(message)) {
      const answer = this.#asked.answer(message);
      await answer?.session.notify(answer.message).catch(async (error: unknown) => {
        if (!(error instanceof NotTakenError) || answer.session.over) throw error;
        // Whoever asked must not wait for what does not arrive; most likely it is too large.
        const failure = 'The gateway did not take the answer of the client; it may be too large.';
        await answer.session.notify(errorAnswer(answer.message.id, INTERNAL_ERROR, failure));
      });
    } else if (message.method === 'notifications/initialized') {
      await this.#link.initialized(message);
    } else if (message.method === 'notifications/cancelled') {
      await this.#cancel(message);
    } else {
      await this.#link.session?.notify(message);
    }
  }

  async #cancel(message: NotificationMessage): Promise<void> {
    const work = this.#working.get(message.params?.['requestId'] as RequestId);
    if (!work) return;
    work.cancelled = true;
    // The gateway is told first: with the request given up, it could not know that nobody wants the answer.
    if (work.session && !work.session.over)
      await atMost(
        work.session.notify(message).catch(() => undefined),
        CANCEL_MS,
      );
    work.controller.abort();
  }

  /** From the gateway to the client; never an answer, which its request waits for. */
  async #pass(session: GatewaySession, message: Message): Promise<void> {
    if (isAnswer(message)) return;
    if ('id' in message) {
      if (!session.over) await this.#options.send(this.#asked.ask(session, message));
    } else if (message.method === 'notifications/cancelled') {
      const requestId = this.#asked.withdraw(session, message.params?.['requestId']);
      if (requestId !== undefined)
        await this.#options.send({ ...message, params: { ...message.params, requestId } });
    } else {
      await this.#options.send(message);
    }
  }

  /** A new session knows nothing of what the client asked of the last one; and the client nothing of its lists. */
  #resume(session: GatewaySession): void {
    for (const request of this.#memory.again())
      session.request(request, new AbortController().signal).catch((error: unknown) => {
        this.#options.logger.debug(`${request.method} could not be sent again: ${(error as Error).message}`);
      });
    for (const kind of ['tools', 'resources', 'prompts']) {
      const capability = this.#capabilities[kind];
      if (isObject(capability) && capability['listChanged'] === true)
        void this.#tell(`notifications/${kind}/list_changed`);
    }
  }

  #tell(method: string, params?: Params): Promise<void> {
    return this.#options.send({ jsonrpc: '2.0', method, ...(params ? { params } : {}) });
  }
}
