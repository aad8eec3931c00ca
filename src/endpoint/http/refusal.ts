import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeJson, type MessageJson } from '../../protocol/large/messageJson.js';
import type { RequestId } from '../../protocol/messages.js';

/** JSON-RPC error codes of the door; the last two are those that MCP's own servers use. */
export const PARSE_ERROR = -32700;
export const REFUSED = -32000;
export const NO_SESSION = -32001;

/** How much of a body that nobody wants is read, so that the client gets to reading why. */
const MAX_DRAINED_BYTES = 4 * 1024 * 1024;
const MAX_DRAIN_MS = 5000;

/** A request that is turned away. The message is for the client: what is wrong and what to do, nothing of ours. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** A JSON-RPC error as text. */
export const errorText = (id: RequestId | null, code: number, message: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });

const LONG_CHARS = 64 * 1024;

/** Answers with JSON as a whole; does nothing when there is nobody to answer. */
export function respondJson(
  response: ServerResponse,
  status: number,
  json: MessageJson,
  headers: Readonly<Record<string, string>> = {},
): void {
  // A short one goes out in one piece with its head; of a long one the bytes are made once, to be counted and written.
  const body = typeof json === 'string' && json.length > LONG_CHARS ? Buffer.from(json) : json;
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.byteLength(body) : body.size;
  if (!startJson(response, status, bytes, headers)) return;
  if (typeof body === 'string' || Buffer.isBuffer(body)) response.end(body);
  else {
    writeJson(response, body);
    response.end();
  }
}

/** Answers why a request is turned away, whether or not all of it has been read. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const text = errorText(null, refusal.code, refusal.message);
  // Who waits for "100 Continue" sends nothing now, so that the connection cannot be used any further.
  const waits = request.headers.expect !== undefined && !request.complete;
  const headers = waits ? { ...refusal.headers, connection: 'close' } : refusal.headers;
  if (!startJson(response, refusal.status, Buffer.byteLength(text), headers)) return;
  if (request.complete || waits) {
    response.end(text);
    return;
  }
  // A connection that is closed while the client still writes may lose it the answer.
  response.write(text);
  drain(request, () => response.end());
}

function startJson(
  response: ServerResponse,
  status: number,
  bytes: number,
  headers: Readonly<Record<string, string>>,
): boolean {
  if (response.headersSent || response.destroyed) return false;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  return true;
}

function drain(request: IncomingMessage, then: () => void): void {
  let left = MAX_DRAINED_BYTES;
  const timer = setTimeout(() => request.destroy(), MAX_DRAIN_MS);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.once('end', then);
  request.once('close', () => {
    clearTimeout(timer);
  });
  request.resume();
}
