import { createParser } from 'eventsource-parser';
import { MessageTooLargeError } from '../protocol/errors.js';
import { MessageReader } from '../protocol/messageReader.js';
import { MAX_MESSAGE_BYTES, type Message } from '../protocol/messages.js';

export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** Bytes of one answer: the gateway adds little to a message of its servers. */
export const MAX_ANSWER_BYTES = 2 * MAX_MESSAGE_BYTES;

/**
 * The events of a stream, in order; the next bytes are read when the last event has been taken.
 * @param onRetry milliseconds that the server wants to pass before the stream is asked for again
 * @throws MessageTooLargeError, or what the stream breaks with
 */
export async function* readEvents(
  body: AsyncIterable<unknown>,
  onRetry: (ms: number) => void,
): AsyncGenerator<ReceivedEvent> {
  let events: ReceivedEvent[] = [];
  const parser = createParser({
    maxBufferSize: MAX_ANSWER_BYTES,
    onEvent: ({ id, data }) => events.push({ id, data }),
    onRetry,
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const text = decoder.decode(chunk as Buffer, { stream: true });
    try {
      parser.feed(text);
    } catch {
      // It has said that its buffer is full, and takes no more.
      throw new MessageTooLargeError(MAX_ANSWER_BYTES);
    }
    const received = events;
    events = [];
    yield* received;
  }
}

/**
 * The message that is a whole body, in one line, as the gateway writes it; a large result stays the bytes that came.
 * @returns `undefined` for anything else @throws MessageTooLargeError, or what the stream breaks with
 */
export async function readMessage(
  body: AsyncIterable<unknown>,
  maxBytes: number,
): Promise<Message | undefined> {
  const messages: Message[] = [];
  const reader = new MessageReader(maxBytes, {
    onMessage: (message) => messages.push(message),
    onGarbage: () => undefined,
    onDropped: () => undefined,
  });
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new MessageTooLargeError(maxBytes);
    reader.push(chunk as Buffer);
  }
  reader.push(Buffer.from('\n'));
  return messages[0];
}

/** A whole body as text. @throws MessageTooLargeError, or what the stream breaks with */
export async function readBody(body: AsyncIterable<unknown>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new MessageTooLargeError(maxBytes);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
