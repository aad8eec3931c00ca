import type { Logger } from '../gateway/ports.js';
import { abortable } from '../base/async/abort.js';
import { messageJson } from '../protocol/large/messageJson.js';
import { MessageReader } from '../protocol/messageReader.js';
import { INTERNAL_ERROR, INVALID_REQUEST, MAX_MESSAGE_BYTES, type Message } from '../protocol/messages.js';
import { errorAnswer } from './answers.js';
import { StdioProxy } from './stdioProxy.js';
import { locate, unprovenText, type Found, type Search } from './locate.js';

export interface RelayOptions {
  readonly input: AsyncIterable<unknown>;
  /** Resolves when it has left, or nobody reads any more. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
  readonly search: Search;
  /** The client's own token, as it is now, where it has one; asked for at each new session. */
  readonly clientToken?: () => Promise<string | undefined>;
  /** The gateway that was found already, to be tried first. */
  readonly first?: Found | undefined;
  readonly logger: Logger;
  /** Ends it, as the end of the input does. */
  readonly signal: AbortSignal;
  /** Milliseconds that a request waits for a gateway to come back. */
  readonly waitMs?: number;
}

const WAIT_MS = 30_000;

/** The client's own token was revoked, or has expired. */
export class TokenGoneError extends Error {
  override readonly name = 'TokenGoneError';
}

/**
 * MCP on standard input and output (2025-11-25, "Transports", one message a line) for a client, by way of the gateway that
 * runs. Resolves at the end of the input, when the gateway knows of it.
 * @throws TokenGoneError, the signal's reason
 */
export async function relayStdio(options: RelayOptions): Promise<void> {
  const { input, write, search, logger, signal, waitMs = WAIT_MS } = options;
  const send = async (message: Message): Promise<void> => {
    const json = messageJson(message);
    if (typeof json === 'string') await write(`${json}\n`);
    // All at once, so that nothing else comes in between.
    else await Promise.all([...json.parts, '\n'].map(write));
  };
  const told = new Set<string>();
  const warnOnce = (text: string): void => {
    if (!told.has(text)) logger.warn(text);
    told.add(text);
  };
  const tokenGone = new AbortController();
  let { first } = options;
  const bridge = new StdioProxy({
    find: async (leastMatch, unusable) => {
      const own = await options.clientToken?.();
      if (options.clientToken && own === undefined) {
        // With the gateway's own token the client could do more than it may.
        tokenGone.abort(new TokenGoneError('The token of this client is not valid any more.'));
        return undefined;
      }
      const withToken = (found: Found): Found => (own === undefined ? found : { ...found, clientToken: own });
      const found = first;
      first = undefined;
      if (found) return withToken(found);
      const location = await locate(search, leastMatch, unusable);
      for (const failure of location.found ? [] : location.failures) {
        warnOnce(unprovenText(failure));
      }
      return location.found && withToken(location.found);
    },
    send,
    logger,
    waitMs,
  });
  const reader = new MessageReader(MAX_MESSAGE_BYTES, {
    onMessage: (message) => {
      bridge.receive(message);
    },
    onGarbage: (_start, length) => {
      logger.warn(
        `The client sent a line of ${length} characters that is no JSON-RPC message; it was dropped.`,
      );
    },
    onDropped: ({ message }, answers, asks) => {
      logger.warn(`A message of the client could not be taken. ${message}`);
      if (answers !== undefined)
        bridge.receive(errorAnswer(answers, INTERNAL_ERROR, 'The answer of the client is too large.'));
      if (asks !== undefined) void send(errorAnswer(asks, INVALID_REQUEST, 'The message is too large.'));
    },
  });
  const read = async (): Promise<void> => {
    for await (const chunk of input) reader.push(chunk as Buffer);
  };
  try {
    await abortable(read(), AbortSignal.any([signal, tokenGone.signal]));
  } finally {
    await bridge.end();
  }
}
