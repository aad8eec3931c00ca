import { AsyncLocalStorage } from 'node:async_hooks';
import { MessageTooLargeError } from '../../../protocol/errors.js';
import { MAX_MESSAGE_BYTES, type RequestId } from '../../../protocol/messages.js';
import { cutAfter, failAfter, limitEvents } from './boundedBody.js';
import { judgeRefusal } from './httpRefusal.js';
import type { HttpRequest } from './httpRequest.js';

/** Bytes of an error's body that are read; nobody is told more of it. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Tries to resume one answer's stream that fail one after another; the SDK is told so. */
export const MAX_FAILED_RESUMPTIONS = 2;
/** Tries in all: some servers end each stream on purpose and let it be resumed again and again. */
const MAX_RESUMPTIONS = 1000;

/**
 * A `fetch` for the SDK's transports that bounds what it reads and notices what the SDK waits for in vain: an event
 * stream that ends before it has answered and is not resumed. Where an answer comes from is checked before any of it is
 * believed.
 */
export class WatchedFetch {
  readonly #sending = new AsyncLocalStorage<HttpRequest | undefined>();

  /**
   * @param onLost no answer to this request will come any more: its stream has ended for good, or what the error says
   * @param checkReached rejects when an answer comes from, or redirects to, where none is wanted from
   */
  constructor(
    private readonly onLost: (id: RequestId, error?: Error) => void,
    private readonly checkReached: (url: string) => Promise<void>,
  ) {}

  /** The request whose answer's stream is being read now. */
  get current(): HttpRequest | undefined {
    return this.#sending.getStore();
  }

  /** Runs the sending of one request, so that its answer's streams are known as such; `undefined` for anything else. */
  sendAs<T>(request: HttpRequest | undefined, send: () => Promise<T>): Promise<T> {
    return this.#sending.run(request, send);
  }

  readonly fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const request = this.#sending.getStore();
    if (!request) return this.#bounded(await this.#reach(url, init), undefined);
    // The SDK goes on resuming streams whose answers nobody waits for.
    if (!request.open) throw new Error('Nobody waits for this answer any more.');
    const own = { ...init, signal: request.signal };
    return init?.method === 'POST' ? this.#send(url, own, request) : this.#resume(url, own, request);
  };

  async #send(url: string | URL, init: RequestInit, request: HttpRequest): Promise<Response> {
    const response = await this.#reach(url, init);
    if (!response.body || response.status < 400) return this.#bounded(response, request);
    const text = await new Response(response.body.pipeThrough(cutAfter(MAX_ERROR_BYTES))).text();
    const refusal = judgeRefusal(response.status, text, request.id);
    if (refusal === 'answer') return new Response(text, { headers: { 'content-type': 'application/json' } });
    request.sessionUnknown = refusal === 'session-unknown';
    return rebuilt(response, text);
  }

  async #resume(url: string | URL, init: RequestInit, request: HttpRequest): Promise<Response> {
    const failed = (): void => {
      if (++request.failedResumptions >= MAX_FAILED_RESUMPTIONS) this.onLost(request.id);
    };
    const response = await this.#reach(url, init).catch((error: unknown) => {
      failed();
      throw error;
    });
    if (response.ok) request.failedResumptions = 0;
    // To the SDK this status is no failure, and it does not try again.
    else if (response.status === 405) this.onLost(request.id);
    else if (!isRedirect(response)) failed();
    return this.#bounded(response, request);
  }

  async #reach(url: string | URL, init: RequestInit | undefined): Promise<Response> {
    const response = await fetch(url, init);
    await this.checkReached(destination(response, url)).catch(async (error: unknown) => {
      await response.body?.cancel();
      throw error;
    });
    return response;
  }

  #bounded(response: Response, request: HttpRequest | undefined): Response {
    if (!response.body || response.status < 200 || isRedirect(response)) return response;
    if (!response.ok) return rebuilt(response, response.body.pipeThrough(cutAfter(MAX_ERROR_BYTES)));
    if (!isEventStream(response))
      return rebuilt(
        response,
        response.body.pipeThrough(failAfter(MAX_MESSAGE_BYTES, () => this.#tooLarge(request?.id))),
      );
    const events = response.body.pipeThrough(
      limitEvents(MAX_MESSAGE_BYTES, (answers) => {
        this.#tooLarge(answers);
      }),
    );
    return rebuilt(response, request ? this.#watch(events, request) : events);
  }

  #watch(events: ReadableStream<Uint8Array>, request: HttpRequest): ReadableStream<Uint8Array> {
    request.streamBegins();
    return watchEnd(events, () => {
      request.streamEnds();
      const over = !request.resumable || ++request.resumptions > MAX_RESUMPTIONS;
      if (over && request.open) this.onLost(request.id);
    });
  }

  #tooLarge(id: RequestId | undefined): Error {
    const error = new MessageTooLargeError(MAX_MESSAGE_BYTES);
    if (id !== undefined) this.onLost(id, error);
    return error;
  }
}

/** Where a redirect leads (the SDK has them returned, and follows some itself), or else where the answer came from. */
function destination(response: Response, requested: string | URL): string {
  const from = response.url || String(requested);
  const location = isRedirect(response) ? response.headers.get('location') : null;
  return location !== null && URL.canParse(location, from) ? new URL(location, from).href : from;
}

const isRedirect = ({ status }: Response): boolean => status >= 300 && status < 400;

const isEventStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;

const rebuilt = ({ status, statusText, headers }: Response, body: ReadableStream | string): Response =>
  new Response(body, { status, statusText, headers });

/** The same bytes; `onEnd` is called when they have ended, well or badly, and were read by the parser behind. */
function watchEnd(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      setTimeout(onEnd, 0);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
