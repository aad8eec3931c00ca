import {
  AnswerDroppedError,
  BacklogError,
  MessageTooLargeError,
  isNotDelivered,
  PeerClosedError,
  RequestTimeoutError,
  RpcError,
  SendError,
} from '../../protocol/errors.js';
import {
  answerDropped,
  answerTooLarge,
  callTimeout,
  cancelled,
  connectionLost,
  httpError,
  isGatewayError,
  notReading,
  serverError,
  type GatewayError,
} from '../model/errors.js';
import type { Redact } from '../upstream/stdio/redact.js';
import { httpAdvice, httpStatus } from '../upstream/http/httpStatus.js';

/** With these a server says that it did not even look at the request. */
const NOT_LOOKED_AT = new Set([401, 403, 413, 429]);

/**
 * What became of one request to a server, for people and for programs.
 * @param error what the connection failed it with
 * @param redact takes the server's secrets out of its words
 */
export function requestFailure(
  server: string,
  error: unknown,
  signal: AbortSignal | undefined,
  redact: Redact,
): GatewayError {
  if (isGatewayError(error)) return error;
  if (signal?.aborted) return cancelled('unknown', error);
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    return serverError(server, { code, message: redact(message), data });
  }
  if (error instanceof RequestTimeoutError) return callTimeout(server, error.timeoutMs, error);
  if (error instanceof PeerClosedError)
    return connectionLost(server, error.sent ? 'unknown' : 'not-executed', error);
  const cause = error instanceof SendError ? error.cause : error;
  if (cause instanceof MessageTooLargeError) return answerTooLarge(server, cause.maxBytes, cause);
  if (cause instanceof AnswerDroppedError) return answerDropped(server, cause);
  if (cause instanceof BacklogError) return notReading(server, cause);
  if (isNotDelivered(error)) return connectionLost(server, 'not-executed', cause);
  const status = httpStatus(cause);
  if (status !== undefined)
    return httpError(
      server,
      `HTTP status ${status}. ${httpAdvice(status)}`,
      NOT_LOOKED_AT.has(status) ? 'not-executed' : 'unknown',
      cause,
    );
  // A message that could not be handed on in full may still have been read in part.
  return connectionLost(server, 'unknown', cause);
}
