import type { RequestOptions } from './api.js';

/** One request to a server in work, as what the server sends meanwhile is told of it. */
export class RequestContext {
  readonly #controller = new AbortController();

  constructor(readonly options: RequestOptions) {}

  /** Aborts when it has ended, however it did. */
  get over(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#controller.abort();
  }
}

/** Those of what a peer says that came with a request of a gateway's user. */
export const contextsOf = (during: readonly object[]): readonly RequestContext[] =>
  during.filter((context): context is RequestContext => context instanceof RequestContext);
