import { isGatewayError, type GatewayErrorCode } from '../gateway/model/errors.js';

/** What the process answers to the shell. Signals answer 128 plus their number, as shells do. */
export const exitCodes = { done: 0, toolError: 1, usage: 2, gateway: 3 } as const;

/** The command line or the config file is wrong; the message names the place and says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the command needs is not there; the message says what to do. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** What of the gateway's failures the user can mend in the command itself. */
const usage: ReadonlySet<GatewayErrorCode> = new Set(['unknown-name', 'invalid-arguments']);

const advice = (code: GatewayErrorCode): string =>
  code === 'unknown-name' ? ' Run `list` to see all names.' : '';

/** The exit code of a failure and the line that tells it. */
export function describeFailure(error: unknown): { readonly exitCode: number; readonly message: string } {
  if (error instanceof UsageError) return { exitCode: exitCodes.usage, message: error.message };
  if (error instanceof UnavailableError) return { exitCode: exitCodes.gateway, message: error.message };
  if (isGatewayError(error)) {
    return usage.has(error.code)
      ? { exitCode: exitCodes.usage, message: `${error.message}${advice(error.code)}` }
      : { exitCode: exitCodes.gateway, message: `${error.code}: ${error.message}` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    exitCode: exitCodes.gateway,
    message: `internal: ${reason}. This is a fault of the gateway; please report it.`,
  };
}
