import type { Writable } from 'node:stream';
import type { Message } from '../messages.js';
import { isLarge } from './largeResult.js';

/** JSON in one line whose most is there as bytes already. */
export interface JsonBytes {
  readonly parts: readonly Uint8Array[];
  readonly size: number;
}

/** A message as JSON, in one line. */
export type MessageJson = string | JsonBytes;

/** Writes a message as JSON; a large result goes into it as it came. @throws TypeError, RangeError for what is no JSON */
export function messageJson(message: Message): MessageJson {
  if (!('result' in message) || !isLarge(message.result)) return JSON.stringify(message);
  const { parts, size } = message.result;
  const before = Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":`);
  return { parts: [before, ...parts, Buffer.from('}')], size: before.length + size + 1 };
}

/** About how much it takes: bytes, or the characters of a text. */
export const lengthOf = (json: MessageJson): number => (typeof json === 'string' ? json.length : json.size);

/** Writes it in one go, with what stands before and after it. @returns as `Writable.write`: whether the stream wants more now */
export function writeJson(stream: Writable, json: MessageJson, before = '', after = ''): boolean {
  if (typeof json === 'string') return stream.write(before + json + after);
  stream.cork();
  if (before !== '') stream.write(before);
  for (const part of json.parts) stream.write(part);
  if (after !== '') stream.write(after);
  stream.uncork();
  return !stream.writableNeedDrain;
}
