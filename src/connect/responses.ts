import type { IncomingMessage } from 'node:http';
import { parseObject } from '../base/parseObject.js';
import { MessageTooLargeError } from '../protocol/errors.js';
import { isObject, type RequestId } from '../protocol/messages.js';
import { CONNECTION_LOST, errorAnswer, type Answer } from './answers.js';
import { readBody } from './events.js';
import { NotTakenError, OutcomeUnknownError } from './requestExchange.js';

const MAX_REFUSAL_BYTES = 64 * 1024;

/** 401: the token is another now, so that the session is over too. */
export const isSessionUnknown = ({ statusCode }: IncomingMessage): boolean =>
  statusCode === 404 || statusCode === 401;

export const isEventStream = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'text/event-stream';

export const isStream = (response: IncomingMessage): boolean =>
  response.statusCode === 200 && isEventStream(response);

/** What is told of an answer that could not be read. @throws OutcomeUnknownError for any other reason than its size */
export function tooLarge(id: RequestId, error: unknown): Answer {
  if (error instanceof MessageTooLargeError) return errorAnswer(id, CONNECTION_LOST, error.message);
  throw new OutcomeUnknownError('The connection to the gateway broke before the answer was complete.', {
    cause: error,
  });
}

/**
 * What the gateway says of a request that it did not take, in its own words where it has some.
 * @throws OutcomeUnknownError; with `first`, for the first request of a session, NotTakenError where nothing shows that
 * it is a gateway
 */
export async function refusal(id: RequestId, response: IncomingMessage, first = false): Promise<Answer> {
  const status = response.statusCode ?? 0;
  // No answer to a request can be told with these.
  if (status < 400) {
    response.resume();
    throw new OutcomeUnknownError(`The gateway answered without an answer (HTTP ${status}).`);
  }
  const body = await readBody(response, MAX_REFUSAL_BYTES).catch(() => '');
  const { error } = parseObject(body) ?? {};
  const { code, message, data } = isObject(error) ? error : {};
  if (typeof code === 'number' && typeof message === 'string') return errorAnswer(id, code, message, data);
  if (first) throw new NotTakenError(`What listens there is no gateway (HTTP ${status}).`);
  return errorAnswer(id, CONNECTION_LOST, `The gateway did not take the request (HTTP ${status}).`);
}
