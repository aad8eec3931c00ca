import type { RequestId } from '../../../protocol/messages.js';

/** Milliseconds that the stream of an answer may stay open once the answer is there. */
const REST_MS = 1000;

/** One request over HTTP, from its sending until its answer, or until nobody waits for one any more. */
export class HttpRequest {
  /** The server has begun to answer with a stream: it took the request. */
  taken = false;
  /** The answer said that the server does not know the session, so that it cannot have acted. */
  sessionUnknown = false;
  /** The stream under way, or the last one, can be resumed. */
  resumable = false;
  resumptions = 0;
  failedResumptions = 0;
  readonly #controller = new AbortController();
  #open = true;
  #streaming = false;
  #rest: NodeJS.Timeout | undefined;

  constructor(readonly id: RequestId) {}

  /** Whether somebody waits for its answer. */
  get open(): boolean {
    return this.#open;
  }

  /** Ends what it holds of the network. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  streamBegins(): void {
    this.taken = this.#streaming = true;
    this.resumable = false;
  }

  streamEnds(): void {
    this.#streaming = false;
    clearTimeout(this.#rest);
  }

  /** Its answer is there. A stream that goes on all the same is cut. */
  answered(): void {
    this.#open = false;
    if (!this.#streaming) return;
    this.#rest = setTimeout(() => {
      this.#controller.abort();
    }, REST_MS);
    this.#rest.unref();
  }

  /** Nobody waits for its answer any more. */
  abort(): void {
    this.#open = false;
    clearTimeout(this.#rest);
    this.#controller.abort();
  }
}
