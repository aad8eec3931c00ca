import {
  NotDeliveredError,
  PeerClosedError,
  RequestTimeoutError,
  RpcError,
  SendError,
} from '../protocol/errors.js';
import type { Params } from '../protocol/messages.js';
import type { RequestOptions } from './api.js';
import {
  callTimeout,
  cancelled,
  connectionLost,
  isGatewayError,
  serverError,
  type GatewayError,
} from './model/errors.js';
import type { Progress } from './model/results.js';
import type { Connection } from './upstream/connection.js';
import type { Supervisor } from './upstream/supervisor.js';

/** However much progress a call reports, it ends after this many times its timeout. */
const MAX_EXTENSIONS = 10;

/**
 * Sends one request to a server, started if need be, at most once: only a request that certainly did not arrive, because
 * the connection had ended before, is sent a second time, on a fresh connection.
 * @param check runs on the live server before the request leaves; what it throws stops the request
 * @throws GatewayError
 */
export async function dispatch(
  supervisor: Supervisor,
  method: string,
  params: Params,
  options: RequestOptions,
  check?: () => void,
): Promise<Params> {
  const send = async (): Promise<Params> => {
    const connection = await connect(supervisor, options.signal);
    check?.();
    return request(supervisor, connection, method, params, options);
  };
  return send().catch((error: unknown) => {
    const { code, details } = error as Partial<GatewayError>;
    if (code !== 'connection-lost' || details?.execution !== 'not-executed') throw error;
    return send();
  });
}

const connect = (supervisor: Supervisor, signal: AbortSignal | undefined): Promise<Connection> =>
  supervisor.connect(signal).catch((error: unknown) => {
    throw signal?.aborted ? cancelled('not-executed', error) : error;
  });

async function request(
  supervisor: Supervisor,
  connection: Connection,
  method: string,
  params: Params,
  { signal, onProgress }: RequestOptions,
): Promise<Params> {
  if (signal?.aborted) throw cancelled('not-executed', signal.reason);
  const timeoutMs = supervisor.definition.timeouts.callMs;
  try {
    const result = await connection.request(method, params, {
      signal,
      timeoutMs,
      maxTotalMs: timeoutMs * MAX_EXTENSIONS,
      onProgress:
        onProgress &&
        ((progress) => {
          onProgress(asProgress(progress));
        }),
    });
    supervisor.prove();
    return result;
  } catch (error) {
    // Nobody should be handed this connection again.
    if (isNotDelivered(error)) void connection.close();
    throw asGatewayError(supervisor.id, error, signal);
  }
}

const isNotDelivered = (error: unknown): boolean =>
  error instanceof SendError && error.cause instanceof NotDeliveredError;

function asGatewayError(server: string, error: unknown, signal: AbortSignal | undefined): GatewayError {
  if (isGatewayError(error)) return error;
  if (signal?.aborted) return cancelled('unknown', error);
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    return serverError(server, { code, message, data });
  }
  if (error instanceof RequestTimeoutError) return callTimeout(server, error.timeoutMs, error);
  if (error instanceof PeerClosedError)
    return connectionLost(server, error.sent ? 'unknown' : 'not-executed', error);
  const cause = error instanceof SendError ? error.cause : error;
  // A message that could not be handed on in full may still have been read in part.
  return connectionLost(server, isNotDelivered(error) ? 'not-executed' : 'unknown', cause);
}

function asProgress({ progress, total, message }: Params): Progress {
  return {
    progress: typeof progress === 'number' ? progress : 0,
    ...(typeof total === 'number' ? { total } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
