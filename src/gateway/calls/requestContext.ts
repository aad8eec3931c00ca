import type { RequestOptions } from '../api.js';

/** One request to a server in work, as what the server sends meanwhile is told of it. */
export class RequestContext {
  /** Made when somebody asks: few servers do, and to abort costs more than the rest of a call. */
  #controller: AbortController | undefined;
  #ended = false;

  constructor(readonly options: RequestOptions) {}

  get ended(): boolean {
    return this.#ended;
  }

  /** Aborts when it has ended, however it did. */
  get over(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ended) this.#controller.abort();
    return this.#controller.signal;
  }

  end(): void {
    this.#ended = true;
    this.#controller?.abort();
  }
}

/** Those of what a peer says that came with a request of a gateway's user. */
export const contextsOf = (during: readonly object[]): readonly RequestContext[] =>
  during.filter((context): context is RequestContext => context instanceof RequestContext);
