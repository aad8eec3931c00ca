import type { Logger } from '../../gateway/ports.js';
import { abortable } from '../../gateway/util/abort.js';
import { MessageReader } from '../../protocol/messageReader.js';
import { INTERNAL_ERROR, INVALID_REQUEST, MAX_MESSAGE_BYTES, type Message } from '../../protocol/messages.js';
import { errorAnswer } from './answers.js';
import { Bridge } from './bridge.js';
import { locate, unprovenText, type Found, type Search } from './locate.js';

export interface RelayOptions {
  readonly input: AsyncIterable<unknown>;
  /** Resolves when the text has left, or nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  readonly search: Search;
  /** The gateway that was found already, to be tried first. */
  readonly first?: Found | undefined;
  readonly logger: Logger;
  /** Ends it, as the end of the input does. */
  readonly signal: AbortSignal;
  /** Milliseconds that a request waits for a gateway to come back. */
  readonly waitMs?: number;
}

const WAIT_MS = 30_000;

/**
 * MCP on standard input and output (2025-11-25, "Transports", one message a line) for a client, by way of the gateway that
 * runs. Resolves at the end of the input, when the gateway knows of it.
 * @throws the signal's reason
 */
export async function relayStdio(options: RelayOptions): Promise<void> {
  const { input, write, search, logger, signal, waitMs = WAIT_MS } = options;
  const send = (message: Message): Promise<void> => write(`${JSON.stringify(message)}\n`);
  const told = new Set<string>();
  let { first } = options;
  const bridge = new Bridge({
    find: async (leastMatch, unusable) => {
      const found = first;
      first = undefined;
      if (found) return found;
      const location = await locate(search, leastMatch, unusable);
      for (const failure of location.found ? [] : location.failures) {
        const text = unprovenText(failure);
        if (!told.has(text)) logger.warn(text);
        told.add(text);
      }
      return location.found;
    },
    send,
    logger,
    waitMs,
  });
  const reader = new MessageReader(MAX_MESSAGE_BYTES, {
    onMessage: (message) => {
      bridge.receive(message);
    },
    onGarbage: (line) => {
      logger.warn(
        `The client sent a line of ${line.length} characters that is no JSON-RPC message; it was dropped.`,
      );
    },
    onTooLarge: (answers, asks) => {
      logger.warn(`The client sent a message of more than ${MAX_MESSAGE_BYTES} bytes; it was dropped.`);
      if (answers !== undefined)
        bridge.receive(errorAnswer(answers, INTERNAL_ERROR, 'The answer of the client is too large.'));
      if (asks !== undefined) void send(errorAnswer(asks, INVALID_REQUEST, 'The message is too large.'));
    },
  });
  const read = async (): Promise<void> => {
    for await (const chunk of input) reader.push(chunk as Buffer);
  };
  try {
    await abortable(read(), signal);
  } finally {
    await bridge.end();
  }
}
