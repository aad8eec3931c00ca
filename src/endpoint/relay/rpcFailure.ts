import { RpcError } from '../../protocol/errors.js';
import { INTERNAL_ERROR, INVALID_PARAMS } from '../../protocol/messages.js';
import { isGatewayError, type GatewayErrorCode } from '../../gateway/model/errors.js';

/** For failures that the protocol has no code for (JSON-RPC 2.0: -32000 to -32099 are the server's own). */
const GATEWAY_FAILURE = -32000;

const OF_THE_CLIENT: ReadonlySet<GatewayErrorCode> = new Set([
  'unknown-name',
  'invalid-arguments',
  'tool-gone',
  'tool-changed',
]);

/** What a client is told of a failed request: a server's error as the server sent it, else the gateway's code in `data`. */
export function rpcFailure(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (!isGatewayError(error)) return new RpcError(INTERNAL_ERROR, 'The gateway failed; see its log.');
  const { code, message, details } = error;
  if (details.rpc) return new RpcError(details.rpc.code, details.rpc.message, details.rpc.data);
  const { server, execution } = details;
  return new RpcError(OF_THE_CLIENT.has(code) ? INVALID_PARAMS : GATEWAY_FAILURE, message, {
    code,
    ...(server === undefined ? {} : { server }),
    ...(execution === undefined ? {} : { execution }),
  });
}
