import { RpcError } from './errors.js';
import { InFlightMap } from './inFlightMap.js';
import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  type ErrorMessage,
  type Params,
  type RequestId,
  type RequestMessage,
  type ResultMessage,
} from './messages.js';
import type { LargeResult } from './large/largeResult.js';

/** A request of the other side that is in work. */
export interface IncomingRequest {
  readonly id: RequestId;
  /** Aborts when the other side cancels or the connection ends. */
  readonly signal: AbortSignal;
  /** The contexts of this side's requests during which it came: of one where the transport tells, else of all in work. */
  readonly during: readonly object[];
  /** Whether the transport told during which one it came. */
  readonly certain: boolean;
  /** Tells the other side how far the answer is; `undefined` when it did not ask to be told. */
  readonly onProgress: ((progress: Params) => void) | undefined;
}

/** How many requests of the other side may be in work at once; beyond it they are refused. */
const MAX_INCOMING = 256;

/** The requests of the other side that are in work. */
export class Incoming {
  readonly #inWork = new InFlightMap<AbortController>();

  /**
   * Works on one request.
   * @returns the message that answers it; `undefined` when it was cancelled, and so gets none (MCP 2025-11-25, "Cancellation")
   */
  async answer(
    { id }: RequestMessage,
    work: (signal: AbortSignal) => Promise<Params | LargeResult>,
  ): Promise<ResultMessage | ErrorMessage | undefined> {
    if (this.#inWork.size >= MAX_INCOMING)
      return failure(id, new RpcError(INTERNAL_ERROR, 'Too many requests at once.'));
    if (this.#inWork.has(id))
      return failure(id, new RpcError(INVALID_REQUEST, 'A request with this id is in work already.'));
    const controller = new AbortController();
    this.#inWork.set(id, controller);
    const answer = await work(controller.signal).then(
      (result) => ({ jsonrpc: '2.0', id, result }) as const,
      (error: unknown) => failure(id, error),
    );
    this.#inWork.delete(id);
    return controller.signal.aborted ? undefined : answer;
  }

  has(id: RequestId): boolean {
    return this.#inWork.has(id);
  }

  cancel(id: RequestId): void {
    this.#inWork.get(id)?.abort();
  }

  cancelAll(): void {
    for (const controller of this.#inWork.values()) controller.abort();
  }
}

function failure(id: RequestId, error: unknown): ErrorMessage {
  const { code, message, data } =
    error instanceof RpcError
      ? error
      : new RpcError(INTERNAL_ERROR, error instanceof Error ? error.message : String(error));
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}
