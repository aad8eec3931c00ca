import type { ErrorMessage, Message, RequestId, ResultMessage } from '../protocol/messages.js';

export type Answer = ResultMessage | ErrorMessage;

/** What the MCP SDKs call "connection closed". */
export const CONNECTION_LOST = -32000;

export const isAnswer = (message: Message): message is Answer => !('method' in message);

export const errorAnswer = (id: RequestId, code: number, message: string, data?: unknown): ErrorMessage => ({
  jsonrpc: '2.0',
  id,
  error: { code, message, ...(data === undefined ? {} : { data }) },
});
