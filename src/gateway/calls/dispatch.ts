import { isNotDelivered, RequestTimeoutError } from '../../protocol/errors.js';
import { isObject, type Params } from '../../protocol/messages.js';
import type { LargeResult } from '../../protocol/large/largeResult.js';
import type { RequestOptions } from '../api.js';
import type { Call, CallTree } from './callTree.js';
import { HOST_KEY } from '../model/client.js';
import { CALL_META } from '../model/lineage.js';
import { cancelled, tooBusy, type GatewayError } from '../model/errors.js';
import type { Progress } from '../model/results.js';
import { RequestContext } from './requestContext.js';
import { requestFailure } from './requestFailure.js';
import { withoutToken } from '../clients/serverRequestRouter.js';
import type { Lease } from '../upstream/server/generation.js';
import { QueueFullError, QueueTimeoutError, type Permit } from '../upstream/server/permits.js';
import type { Supervisor } from '../upstream/server/supervisor.js';

/** However much progress a call reports, it ends after this many times its timeout. */
const MAX_EXTENSIONS = 10;

/** One request to one server. */
export interface ServerRequest {
  readonly method: string;
  readonly params: Params;
  /** Runs on the live server before the request leaves; what it throws stops the request. */
  readonly check?: () => Promise<void> | undefined;
}

/**
 * Sends one request to a server, started if need be, at most once: only a request that certainly did not arrive, because
 * the connection had ended before, is sent a second time, on a fresh connection (invariant AtMostOnceDispatch).
 * @throws GatewayError
 */
export async function dispatch(
  supervisor: Supervisor,
  calls: CallTree,
  request: ServerRequest,
  options: RequestOptions,
): Promise<Params | LargeResult> {
  const call = calls.enter(supervisor.id, request.method, options.caller);
  try {
    const permit = await acquire(supervisor, call, options);
    call.hold(permit);
    try {
      return await send(supervisor, call, request, options).catch((error: unknown) => {
        const { code, details } = error as Partial<GatewayError>;
        if (code !== 'connection-lost' || details?.execution !== 'not-executed') throw error;
        return send(supervisor, call, request, options);
      });
    } finally {
      permit.release();
    }
  } finally {
    call.leave();
  }
}

async function acquire(
  supervisor: Supervisor,
  call: Call,
  { signal, client }: RequestOptions,
): Promise<Permit> {
  const { id, definition, permits } = supervisor;
  try {
    const precedence = call.comeBack() ? 'comes-back' : call.descendant ? 'descendant' : 'top';
    if (precedence !== 'comes-back') call.descend();
    // A cold start is no time in the queue.
    await supervisor.connect(signal);
    const { callMs } = definition.timeouts;
    const permit = permits.acquire(callMs, signal, precedence, client?.key ?? HOST_KEY);
    // Only now, so that nobody else is given the permit that it stands in for.
    call.descend();
    return await permit;
  } catch (error) {
    if (signal?.aborted) throw cancelled('not-executed', error);
    if (error instanceof QueueFullError) throw tooBusy(id, undefined, error);
    if (error instanceof QueueTimeoutError) throw tooBusy(id, error.waitedMs, error);
    throw error;
  }
}

async function send(
  supervisor: Supervisor,
  call: Call,
  request: ServerRequest,
  options: RequestOptions,
): Promise<Params | LargeResult> {
  const { signal } = options;
  const lease = await supervisor.lease(signal).catch((error: unknown) => {
    throw signal?.aborted ? cancelled('not-executed', error) : error;
  });
  try {
    // Without a wait where there is nothing to wait for: each costs a turn of every call.
    const checked = request.check?.();
    if (checked)
      await checked.catch((error: unknown) => {
        throw signal?.aborted ? cancelled('not-executed', error) : error;
      });
    return await sendOn(lease, supervisor, call, request, options);
  } finally {
    lease.release();
  }
}

async function sendOn(
  lease: Lease,
  { id, definition }: Supervisor,
  { token }: Call,
  { method, params }: ServerRequest,
  options: RequestOptions,
): Promise<Params | LargeResult> {
  const { signal, onProgress } = options;
  if (signal?.aborted) throw cancelled('not-executed', signal.reason);
  const timeoutMs = definition.timeouts.callMs;
  const context = new RequestContext(options);
  const meta = isObject(params._meta) ? params._meta : {};
  try {
    const result = await lease.connection.requestRaw(
      method,
      withoutToken({ ...params, _meta: { ...meta, [CALL_META]: token } }),
      {
        signal,
        context,
        timeoutMs,
        maxTotalMs: timeoutMs * MAX_EXTENSIONS,
        // Asked for even if nobody listens, because progress extends the time that the call may take.
        onProgress: (progress) => {
          onProgress?.(asProgress(progress));
        },
      },
    );
    lease.prove();
    return result;
  } catch (error) {
    // Nobody should be handed this connection again.
    if (isNotDelivered(error)) lease.expire();
    // A slow call, or a server that hangs.
    if (error instanceof RequestTimeoutError) lease.doubt();
    throw requestFailure(id, error, signal, lease.connection.redact);
  } finally {
    context.end();
  }
}

/** As the server sent it, but for what is not of the type that everybody relies on. */
function asProgress({ progressToken: _, progress, total, message, ...others }: Params): Progress {
  return {
    ...others,
    progress: typeof progress === 'number' ? progress : 0,
    ...(typeof total === 'number' ? { total } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
