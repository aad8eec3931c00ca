import { request, type Agent, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

/** The gateway certainly did not take the message. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
}

/** The gateway may have taken the message, but no answer will come. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

export interface Exchange {
  readonly agent: Agent;
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
  /** Ends it, whatever has come of the answer. */
  readonly signal: AbortSignal;
  /** Milliseconds until the answer must have begun. */
  readonly beginMs?: number;
}

/**
 * Sends one HTTP request and waits until its answer begins.
 * @throws NotTakenError when there was no connection to send it on, OutcomeUnknownError when that broke
 */
export function exchange(url: string, options: Exchange): Promise<IncomingMessage> {
  const { agent, method, headers, body, signal, beginMs } = options;
  return new Promise((resolve, reject) => {
    let connected = false;
    let timer: NodeJS.Timeout | undefined;
    const outgoing = request(url, { agent, method, headers, signal });
    outgoing.once('socket', (socket) => {
      connected = !socket.connecting;
      socket.once('connect', () => {
        connected = true;
      });
    });
    outgoing.once('response', (response) => {
      clearTimeout(timer);
      // Whoever reads it hears of it; nobody may be reading any more.
      response.on('error', () => undefined);
      resolve(response);
    });
    outgoing.on('error', (cause) => {
      clearTimeout(timer);
      reject(
        connected
          ? new OutcomeUnknownError('The connection to the gateway broke.', { cause })
          : new NotTakenError('The gateway could not be reached.', { cause }),
      );
    });
    if (beginMs !== undefined)
      timer = setTimeout(() => {
        outgoing.destroy(new Error(`No answer within ${beginMs} ms.`));
      }, beginMs);
    outgoing.end(body);
  });
}
