import { AsyncLocalStorage } from 'node:async_hooks';
import { MessageTooLargeError } from '../../protocol/errors.js';
import { MAX_MESSAGE_BYTES, type RequestId } from '../../protocol/messages.js';
import { cutAfter, failAfter, limitEvents } from './boundedBody.js';

/** Bytes of an error's body that are read; nobody is told more of it. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * A `fetch` for the SDK's transports that bounds what it reads and notices an event stream which ends before it has
 * answered: the SDK waits for ever then, unless the stream can be resumed. Where an answer comes from is checked before
 * any of it is believed.
 */
export class WatchedFetch {
  readonly #sending = new AsyncLocalStorage<RequestId>();

  /**
   * @param onLost no answer to this request will come any more: its stream has ended and cannot be resumed, or what the
   * error says
   * @param checkReached rejects when an answer comes from, or redirects to, where none is wanted from
   */
  constructor(
    private readonly onLost: (id: RequestId, error?: Error) => void,
    private readonly checkReached: (url: string) => Promise<void>,
  ) {}

  /** Runs the sending of one request, so that its answer's stream is known as such. */
  sendAs<T>(id: RequestId | undefined, send: () => Promise<T>): Promise<T> {
    return id === undefined ? send() : this.#sending.run(id, send);
  }

  readonly fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const id = this.#sending.getStore();
    const response = await fetch(url, init);
    await this.checkReached(destination(response, url)).catch(async (error: unknown) => {
      await response.body?.cancel();
      throw error;
    });
    if (!response.body || response.status < 200 || isRedirect(response)) return response;
    if (!response.ok) return rebuilt(response, response.body.pipeThrough(cutAfter(MAX_ERROR_BYTES)));
    if (!isEventStream(response))
      return rebuilt(
        response,
        response.body.pipeThrough(failAfter(MAX_MESSAGE_BYTES, () => this.#tooLarge(id))),
      );
    const events = response.body.pipeThrough(
      limitEvents(MAX_MESSAGE_BYTES, (answers) => {
        this.#tooLarge(answers);
      }),
    );
    if (init?.method !== 'POST' || id === undefined) return rebuilt(response, events);
    return rebuilt(
      response,
      watchEnd(events, () => {
        this.onLost(id);
      }),
    );
  };

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

const rebuilt = ({ status, statusText, headers }: Response, body: ReadableStream): Response =>
  new Response(body, { status, statusText, headers });

/** The same bytes; `onEnd` is called when they end, well or badly, unless an event had an id to resume from. */
function watchEnd(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let resumable = false;
  let lineStart = '';
  const look = (chunk: Uint8Array): void => {
    const text = lineStart + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    resumable ||= /(?:^|[\r\n])id:/.test(text);
    lineStart = text.slice(-3);
  };
  const ended = (): void => {
    // What was read last is still on its way through the parser.
    if (!resumable) setTimeout(onEnd, 0);
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          ended();
        } else {
          if (!resumable) look(value);
          controller.enqueue(value);
        }
      } catch (error) {
        controller.error(error);
        ended();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
