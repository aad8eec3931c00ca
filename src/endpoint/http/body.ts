import type { IncomingMessage } from 'node:http';
import { INVALID_REQUEST, isMessage, isObject, type Message } from '../../protocol/messages.js';
import { PARSE_ERROR, Refusal } from './refusal.js';

/** Reads the one message that a client posts. @throws Refusal 413, 400; or an error when the client went away */
export async function readMessage(request: IncomingMessage, maxBytes: number): Promise<Message> {
  const body = await readBody(request, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, PARSE_ERROR, 'The message is not valid JSON.');
  }
  if (Array.isArray(value))
    throw new Refusal(400, INVALID_REQUEST, 'Batches are not supported. Send one message at a time.');
  if (!isMessage(value) || !isSound(value))
    throw new Refusal(400, INVALID_REQUEST, 'This is no JSON-RPC 2.0 message as MCP uses it.');
  return value;
}

/** What has a method must have an id that can be answered, or none, and parameters by name. */
function isSound(message: Message): boolean {
  if (!('method' in message)) return true;
  const { id, params } = message as { id?: unknown; params?: unknown };
  const hasGoodId = !('id' in message) || typeof id === 'string' || Number.isFinite(id);
  return hasGoodId && (params === undefined || isObject(params));
}

/** @throws Refusal 413; an error when the client went away */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.complete) return readRest(request, maxBytes);
  // All of it has come, as most often: to be handed it piece by piece would take two more turns.
  const body = (request.read() as Buffer | null) ?? Buffer.alloc(0);
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  return body;
}

function readRest(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      settle();
      reject(tooLarge(maxBytes));
    };
    const onEnd = (): void => {
      settle();
      resolve(Buffer.concat(chunks));
    };
    const onClose = (): void => {
      settle();
      reject(new Error('The client went away.'));
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

const tooLarge = (maxBytes: number): Refusal =>
  new Refusal(413, INVALID_REQUEST, `A message may have ${maxBytes} bytes at most.`);
