import type { LargeResult } from './large/largeResult.js';

/** JSON-RPC 2.0 as MCP uses it (MCP 2025-11-25, "Base protocol"). */
export type RequestId = string | number;
export type Params = Readonly<Record<string, unknown>>;

export interface RequestMessage {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: Params;
}

export interface NotificationMessage {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: Params;
}

export interface ResultMessage {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result: Params | LargeResult;
}

export interface ErrorMessage {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export type Message = RequestMessage | NotificationMessage | ResultMessage | ErrorMessage;

/** Bytes of one message. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** JSON-RPC error codes used here. */
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** Whether a parsed JSON value has the outline of a message; what is inside `params` and `result` is not looked at. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const message = value as Record<string, unknown>;
  if (message.jsonrpc !== '2.0') return false;
  if (typeof message.method === 'string') return true;
  return isRequestId(message.id) && (isObject(message.result) || isObject(message.error));
}

export const isRequestId = (id: unknown): id is RequestId => typeof id === 'string' || typeof id === 'number';

/** What a message says; what is no object says nothing. */
export const paramsOf = ({ params }: { readonly params?: unknown }): Params =>
  isObject(params) ? params : {};

/** One of this side's own ids, which are numbers, also where it comes back as text. */
export const ownId = (id: unknown): RequestId =>
  typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : (id as RequestId);

/** Any object but an array. */
export const isObject = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
