import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { NotDeliveredError } from '../../protocol/errors.js';
import { InFlightMap } from '../../protocol/inFlightMap.js';
import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  type ErrorMessage,
  type Message,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  type ResultMessage,
} from '../../protocol/messages.js';
import type { MessageJson } from '../../protocol/large/messageJson.js';
import { answerJson } from './answerJson.js';
import { readResult } from '../../protocol/large/largeResult.js';
import type { SendOptions, Transport } from '../../protocol/transport.js';
import type { Accepts } from './content.js';
import { EventStream, readPosition, startEvents, writeEvent } from './eventStream.js';
import { Exchange } from './exchange.js';
import { KeptConnections } from './keptConnections.js';
import type { DoorLimits } from './limits.js';
import { Questions } from './questions.js';
import { errorText, NO_SESSION, Refusal, REFUSED } from './refusal.js';
import { Replay } from './replay.js';

/** The stream of what belongs to no request. */
const STANDALONE = 's';
/** Since this revision a stream begins with an event without data; clients of earlier ones may stumble over it. */
const PRIMING_SINCE = '2025-11-25';

/** One client's conversation as a transport: what it posts comes out, what is sent finds its way to it. */
export class HttpSession implements Transport {
  readonly id = randomUUID();
  onmessage?: Transport['onmessage'];
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onrequestlost?: Transport['onrequestlost'];
  onreachable?: Transport['onreachable'];

  readonly #work = new InFlightMap<Exchange>();
  readonly #replay: Replay;
  readonly #standalone: EventStream;
  readonly #questions: Questions;
  readonly #connections: KeptConnections;
  #initialize: RequestId | undefined;
  #version = '';
  #streams = 0;
  #usedAt = performance.now();
  #ended = false;

  /** @param onEnd called once, before the transport's `onclose` */
  constructor(
    private readonly limits: DoorLimits,
    private readonly onEnd: () => void,
  ) {
    this.#connections = new KeptConnections(limits);
    this.#replay = new Replay(limits.keptEvents, limits.keptChars);
    this.#questions = new Questions(limits.reachMs, (id) => this.onrequestlost?.(id));
    this.#standalone = this.#newStream(STANDALONE);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Requests are in work, or a stream is open. */
  get busy(): boolean {
    return this.#work.size > 0 || this.#standalone.connected;
  }

  /** A client that went away without a word has neither a stream nor a request that it waits for. */
  get reachable(): boolean {
    return this.#standalone.connected || this.#openExchange !== undefined;
  }

  /** When it was busy last, or now; as `performance.now()`. */
  get usedAt(): number {
    return this.busy ? performance.now() : this.#usedAt;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.end(404, NO_SESSION, 'This session has ended. Begin a new one with "initialize".');
    return Promise.resolve();
  }

  send(message: Message, { relatedRequestId: during }: SendOptions = {}): Promise<void> {
    if (this.#ended) return Promise.reject(new NotDeliveredError('The session has ended.'));
    try {
      if ('method' in message) this.#say(message, during);
      else this.#answer(message);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Takes the request in that the session begins with. */
  begin(request: RequestMessage, response: ServerResponse, accepts: Accepts): void {
    this.#initialize = request.id;
    this.#takeRequest(request, response, accepts);
  }

  /** Takes in what the client posts. @returns whether an answer will come @throws Refusal 400, 429 */
  receive(message: Message, response: ServerResponse, accepts: Accepts): boolean {
    this.#usedAt = performance.now();
    this.#connections.use(response, this.#work.size + (this.#standalone.connected ? 1 : 0));
    if ('method' in message && 'id' in message) {
      this.#takeRequest(message, response, accepts);
      return true;
    }
    if (!('method' in message)) this.#questions.settled(message.id);
    this.onmessage?.(message);
    if ('method' in message && message.method === 'notifications/cancelled') {
      // Whoever is asked to cancel does not answer (MCP 2025-11-25, "Cancellation").
      const id = message.params?.requestId as RequestId;
      this.#take(id)?.cancel();
    }
    return false;
  }

  /** Opens the stream of what belongs to no request, or goes on with the one that this event was on. */
  listen(response: ServerResponse, lastEventId: string | undefined): void {
    this.#usedAt = performance.now();
    const position = lastEventId === undefined ? undefined : readPosition(lastEventId);
    if (position === undefined || position.stream === STANDALONE) {
      const { last, written } = this.#standalone;
      // An id that was never given out is none: what has not been written yet must not be skipped.
      const after = position && position.number <= last ? position.number : written;
      this.#attach(this.#standalone, response, after);
      this.onreachable?.();
      return;
    }
    const { stream: id, number } = position;
    const stream = this.#work.values().find((exchange) => exchange.stream?.id === id)?.stream;
    if (stream) {
      this.#attach(stream, response, Math.min(number, stream.last));
      return;
    }
    const rest = this.#replay.after(id, number);
    if (rest.length === 0) {
      // The stream has been read to its end: with this status clients of event streams stop coming back.
      response.writeHead(204).end();
      return;
    }
    startEvents(response);
    for (const event of rest) writeEvent(response, event);
    response.end();
  }

  /** Ends everything; what waits for a plain answer gets this one. */
  end(status: number, code: number, message: string): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const exchange of this.#work.values()) exchange.fail(status, code, message);
    this.#work.clear();
    this.#standalone.end();
    this.#replay.clear();
    this.#questions.clear();
    this.onEnd();
    this.onclose?.();
  }

  #takeRequest(request: RequestMessage, response: ServerResponse, accepts: Accepts): void {
    const { id } = request;
    if (this.#work.has(id))
      throw new Refusal(400, INVALID_REQUEST, 'A request with this id is in work already. Use another id.');
    if (this.#work.size >= this.limits.inWork)
      throw new Refusal(429, REFUSED, 'Too many requests at once. Wait for answers before you send more.');
    const first = id === this.#initialize;
    const exchange = new Exchange(id, response, accepts, {
      // Whether there is a session at all is known with the answer only.
      plainMs: first ? 0 : this.limits.plainMs,
      newStream: () => this.#newStream(`r${++this.#streams}`),
      primed: () => this.#primed,
      onGone: () => {
        // Nobody knows this session.
        if (first) void this.close();
      },
    });
    this.#work.set(id, exchange);
    if (exchange.open) this.onreachable?.();
    this.onmessage?.(request);
  }

  /** @throws NotDeliveredError for a question to somebody who can be reached in no way */
  #say(message: RequestMessage | NotificationMessage, during: RequestId | undefined): void {
    const { method } = message;
    const text = JSON.stringify(message);
    const standalone = this.#standalone;
    const exchange =
      during !== undefined
        ? this.#work.get(during)
        : 'id' in message && !standalone.connected
          ? this.#openExchange
          : undefined;
    const stream = exchange?.say(text);
    if (method === 'notifications/cancelled') this.#questions.settled(message.params?.requestId);
    if ('id' in message) {
      if (exchange && !stream && !standalone.connected)
        throw new NotDeliveredError('The client has gone, or takes no questions.');
      this.#questions.asked(message.id, stream ?? standalone);
    }
    if (stream) return;
    // How far an answer is that has been given nobody wants to know.
    if (during !== undefined && !exchange && method === 'notifications/progress') return;
    // Said once is enough, as long as it waits for the stream to be opened.
    const waits =
      !standalone.connected &&
      method.endsWith('/list_changed') &&
      this.#replay.after(STANDALONE, standalone.written).some((event) => event.message === text);
    if (!waits) standalone.say(text);
  }

  #answer(message: ResultMessage | ErrorMessage): void {
    const exchange = this.#take(message.id);
    if (!exchange) return;
    let json: MessageJson;
    try {
      json = answerJson(message);
    } catch {
      json = errorText(message.id, INTERNAL_ERROR, 'The answer could not be written as JSON.');
    }
    if (message.id !== this.#initialize) {
      exchange.answer(json);
      return;
    }
    this.#initialize = undefined;
    if ('result' in message) {
      const { protocolVersion } = readResult(message.result);
      if (typeof protocolVersion === 'string') this.#version = protocolVersion;
      exchange.answer(json, { 'mcp-session-id': this.id });
    } else {
      exchange.answer(json);
      void this.close();
    }
  }

  /** The request is not in work any more. */
  #take(id: RequestId): Exchange | undefined {
    const exchange = this.#work.get(id);
    this.#work.delete(id);
    this.#usedAt = performance.now();
    return exchange;
  }

  #newStream(id: string): EventStream {
    const stream: EventStream = new EventStream(id, this.#replay, this.limits, () => {
      this.#usedAt = performance.now();
      this.#questions.detached(stream);
    });
    return stream;
  }

  #attach(stream: EventStream, response: ServerResponse, after: number): void {
    startEvents(response);
    stream.attach(response, after, this.#primed);
  }

  /** A request that the client waits for, over which it can be asked something before the answer. */
  get #openExchange(): Exchange | undefined {
    return this.#work.values().find((exchange) => exchange.open);
  }

  get #primed(): boolean {
    return this.#version >= PRIMING_SINCE;
  }
}
