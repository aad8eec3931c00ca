import type { Message, RequestId } from './messages.js';

export interface SendOptions {
  /** The request of the other side during which this is sent: over HTTP it goes the way of that request's answer. */
  readonly relatedRequestId?: RequestId | undefined;
  /** Other requests are in work, so that more may be sent in this turn: a hint to write them together. */
  readonly isOneOfMany?: boolean | undefined;
}

/**
 * Carries messages one way or both. The shape is that of the MCP SDK's `Transport`, so that its transports fit;
 * callbacks are set before `start`.
 */
export interface Transport {
  start(): Promise<void>;
  /** Resolves when the message has been handed on; rejects when it certainly or possibly was not. */
  send(message: Message, options?: SendOptions): Promise<void>;
  close(): Promise<void>;
  /** @param during the request of this side whose answer's way the message came, where the transport can tell */
  onmessage?: ((message: Message, during?: RequestId) => void) | undefined;
  /** Called once, whatever ended the transport. */
  onclose?: (() => void) | undefined;
  /** Something odd that did not end the transport. */
  onerror?: ((error: Error) => void) | undefined;
  /** No answer to this request will come any more, though the transport goes on; the error says why, where it is known. */
  onrequestlost?: ((id: RequestId, error?: Error) => void) | undefined;
  /** Whether the other side can be asked something outside of its own requests now; `undefined` where that is always so. */
  readonly reachable?: boolean;
  /** It can be reached, and may not have been before. */
  onreachable?: (() => void) | undefined;
  /** Whether an answer to this request, or with `undefined` any answer, is still waited for; set by the owner. */
  isAwaited?: ((id: RequestId | undefined) => boolean) | undefined;
  setProtocolVersion?: ((version: string) => void) | undefined;
}
