import type { Message, RequestId } from './messages.js';

/**
 * Carries messages one way or both. The shape is that of the MCP SDK's `Transport`, so that its transports fit;
 * callbacks are set before `start`.
 */
export interface Transport {
  start(): Promise<void>;
  /** Resolves when the message has been handed on; rejects when it certainly or possibly was not. */
  send(message: Message): Promise<void>;
  close(): Promise<void>;
  onmessage?: ((message: Message) => void) | undefined;
  /** Called once, whatever ended the transport. */
  onclose?: (() => void) | undefined;
  /** Something odd that did not end the transport. */
  onerror?: ((error: Error) => void) | undefined;
  /** No answer to this request will come any more, though the transport goes on; the error says why, where it is known. */
  onrequestlost?: ((id: RequestId, error?: Error) => void) | undefined;
  setProtocolVersion?: ((version: string) => void) | undefined;
}
