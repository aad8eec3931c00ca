import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PROOF_MS, proveOnce } from './dial.js';
import { requestUrl, type Place } from './place.js';
import { ProvenAgent } from './provenAgent.js';
import { MessageTooLargeError } from '../protocol/errors.js';
import type { Message, RequestId, RequestMessage } from '../protocol/messages.js';
import { readResult } from '../protocol/large/largeResult.js';
import { isAnswer, type Answer } from './answers.js';
import { MAX_ANSWER_BYTES, readMessage } from './events.js';
import { exchange, NotTakenError, OutcomeUnknownError, type Exchange } from './requestExchange.js';
import { isEventStream, isSessionUnknown, isStream, refusal, tooLarge } from './responses.js';
import { messagesIn, Position } from './stream.js';

export interface SessionHandlers {
  /** Anything but the answer to a request of this side; what comes after it waits until it has been taken. */
  onMessage(message: Message): Promise<void>;
  /** The gateway is gone, or does not know the session any more. Called once. */
  onLost(): void;
}

/** What is needed of a session with a gateway, which tests play. */
export type GatewaySession = Pick<
  ClientSession,
  'over' | 'initialize' | 'request' | 'notify' | 'listen' | 'end'
>;

/** Requests that are sent at the same time; the others wait, so that the gateway's connections are not used up. */
const MAX_CONNECTIONS = 64;
const INITIALIZE_MS = 120_000;
/** Milliseconds after which a gateway that has not answered `initialize` yet must show again that it is there. */
const WATCH_MS = 2000;
/** Milliseconds for a proof once there is a session: its end would cost more than a while of waiting. */
const LATER_PROOF_MS = 10_000;
const NOTIFY_MS = 30_000;
const END_MS = 1000;
/** Milliseconds that what was sent before the session was lost may take to hear its own verdict. */
const LOST_MS = 500;
/** Tries to get back to the stream of an answer without anything coming of them. */
const MAX_RESUMPTIONS = 5;

/** One session of Streamable HTTP (MCP 2025-11-25, "Transports") with a gateway, from the client's side. */
export class ClientSession {
  readonly #place: Place;
  readonly #handlers: SessionHandlers;
  readonly #closing = new AbortController();
  /** Apart from requests, so that an answer to the gateway never waits for a request that waits for it. */
  readonly #agents: Readonly<Record<'requests' | 'others', ProvenAgent>>;
  #id: string | undefined;
  #version: string | undefined;
  #over = false;
  #listening = false;

  constructor(place: Place, handlers: SessionHandlers) {
    this.#place = place;
    this.#handlers = handlers;
    const proofMs = (): number => (this.#version === undefined ? PROOF_MS : LATER_PROOF_MS);
    this.#agents = {
      requests: new ProvenAgent(place, proofMs, { maxSockets: MAX_CONNECTIONS }),
      others: new ProvenAgent(place, proofMs),
    };
  }

  /** Whether it takes nothing new any more. */
  get over(): boolean {
    return this.#over;
  }

  /** Opens the session. @throws NotTakenError, OutcomeUnknownError; both end it */
  async initialize(message: RequestMessage): Promise<Answer> {
    const answered = new AbortController();
    try {
      void this.#watch(answered.signal);
      const response = await this.#post(message, this.#agents.requests, INITIALIZE_MS);
      const id = response.headers['mcp-session-id'];
      if (typeof id === 'string') this.#id = id;
      const answer = await this.#answerIn(message.id, response, this.#closing.signal);
      if ('result' in answer) this.#version = String(readResult(answer.result)['protocolVersion']);
      return answer;
    } catch (error) {
      this.#close();
      throw error;
    } finally {
      answered.abort();
    }
  }

  /** A gateway may take long to answer, as its grace says, but not stop to answer anything. */
  async #watch(answered: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await delay(WATCH_MS, undefined, { signal: answered });
        await proveOnce(this.#place, answered);
      }
    } catch {
      if (!answered.aborted) this.#close();
    }
  }

  /**
   * Sends a request once and waits for its answer; what comes on the way to it goes to the handlers first.
   * @throws NotTakenError, OutcomeUnknownError
   */
  async request(message: RequestMessage, signal: AbortSignal): Promise<Answer> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    const response = await this.#post(message, this.#agents.requests, undefined, both);
    return this.#answerIn(message.id, response, both);
  }

  /** Sends a notification, or an answer. @throws NotTakenError also where the gateway does not want it, OutcomeUnknownError */
  async notify(message: Message): Promise<void> {
    const response = await this.#post(message, this.#agents.others, NOTIFY_MS);
    response.resume();
    const { statusCode = 0 } = response;
    if (statusCode >= 400) throw new NotTakenError(`The gateway did not take it (HTTP ${statusCode}).`);
  }

  /** Takes what the gateway sends by itself, from now on until the session is over. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    void this.#listen().catch(() => undefined);
  }

  /** Tells the gateway that the session is over, but does not wait long for it. */
  async end(): Promise<void> {
    if (this.#id !== undefined && !this.#over) {
      this.#over = true;
      await exchange(requestUrl(this.#place), {
        ...this.#headed('DELETE', this.#agents.others),
        beginMs: END_MS,
      }).then(
        (response) => response.resume(),
        () => undefined,
      );
    }
    this.#close();
  }

  #close(): void {
    this.#over = true;
    this.#closing.abort();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #lose(): void {
    if (this.#over) return;
    this.#over = true;
    setTimeout(() => {
      this.#close();
    }, LOST_MS);
    this.#handlers.onLost();
  }

  #headed(method: Exchange['method'], agent: Agent, more: OutgoingHttpHeaders = {}): Exchange {
    const headers: OutgoingHttpHeaders = {
      authorization: `Bearer ${this.#place.clientToken ?? this.#place.token}`,
      ...more,
    };
    if (this.#id !== undefined) headers['mcp-session-id'] = this.#id;
    if (this.#version !== undefined) headers['mcp-protocol-version'] = this.#version;
    return { method, agent, headers, signal: this.#closing.signal };
  }

  async #post(
    message: Message,
    agent: Agent,
    beginMs?: number,
    signal = this.#closing.signal,
  ): Promise<IncomingMessage> {
    if (this.#over) throw new NotTakenError('The session is over.');
    const body = JSON.stringify(message);
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    let response: IncomingMessage;
    try {
      response = await exchange(requestUrl(this.#place), {
        ...this.#headed('POST', agent, headers),
        body,
        signal,
        ...(beginMs === undefined ? {} : { beginMs }),
      });
    } catch (error) {
      if (error instanceof NotTakenError && !signal.aborted) this.#lose();
      throw error;
    }
    if (!isSessionUnknown(response)) return response;
    response.resume();
    if (this.#id !== undefined) this.#lose();
    throw new NotTakenError(`The gateway does not take this any more (HTTP ${response.statusCode ?? 0}).`);
  }

  async #answerIn(id: RequestId, response: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    if (response.statusCode !== 200) return refusal(id, response, this.#version === undefined);
    if (isEventStream(response)) return this.#follow(id, response, signal);
    const answer = await readMessage(response, MAX_ANSWER_BYTES).catch((error: unknown) =>
      tooLarge(id, error),
    );
    if (answer && isAnswer(answer) && answer.id === id) return answer;
    throw new OutcomeUnknownError('The gateway answered with something else than an answer.');
  }

  /** Reads a stream until the answer comes, and goes back to it when it breaks. */
  async #follow(id: RequestId, first: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const at = new Position();
    let response: IncomingMessage | undefined = first;
    while (at.failures < MAX_RESUMPTIONS) {
      try {
        for await (const message of response ? messagesIn(response, at) : []) {
          if (isAnswer(message) && message.id === id) return message;
          await this.#handlers.onMessage(message);
        }
      } catch (error) {
        if (error instanceof MessageTooLargeError) return tooLarge(id, error);
      }
      if (at.lastId === undefined || signal.aborted) break;
      await delay(at.pauseMs(), undefined, { signal }).catch(() => undefined);
      response = await this.#get(at.lastId, signal).catch((error: unknown) => {
        if (error instanceof NotTakenError && !signal.aborted) this.#lose();
        return undefined;
      });
      if (this.#over) break;
      if (response && !isStream(response)) {
        response.resume();
        break;
      }
    }
    throw new OutcomeUnknownError('The connection to the gateway broke before the answer came.');
  }

  async #listen(): Promise<void> {
    const at = new Position();
    const { signal } = this.#closing;
    while (!this.#over) {
      try {
        const response = await this.#get(at.lastId, signal);
        if (isStream(response)) {
          for await (const message of messagesIn(response, at))
            if (!isAnswer(message)) await this.#handlers.onMessage(message);
        } else {
          response.resume();
          // MCP 2025-11-25, "Listening for Messages from the Server": 405 means that there is no such stream.
          if (response.statusCode === 405) return;
          if (isSessionUnknown(response) && at.lastId === undefined) this.#lose();
          // Perhaps only the event is not known any more.
          at.lastId = undefined;
        }
      } catch (error) {
        if (error instanceof MessageTooLargeError) at.lastId = undefined;
        if (error instanceof NotTakenError) this.#lose();
      }
      await delay(at.pauseMs(), undefined, { signal });
    }
  }

  #get(lastId: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    };
    return exchange(requestUrl(this.#place), {
      ...this.#headed('GET', this.#agents.others, headers),
      signal,
      beginMs: NOTIFY_MS,
    });
  }
}
