import { MessageTooLargeError, PeerClosedError, RpcError, SendError } from '../../../protocol/errors.js';
import type { ServerDefinition } from '../../model/definition.js';
import { mebibytes } from '../../model/errors.js';
import type { Failure } from '../../model/failure.js';
import type { Connection } from '../connection.js';
import { HandshakeError, RevisionError } from '../handshake.js';
import { httpAdvice, httpStatus } from '../http/httpStatus.js';
import { networkCode } from '../http/networkCode.js';
import { ProcessError } from '../stdio/processError.js';
import { bareUrl, redactor, type Redact } from '../stdio/redact.js';
import { LoopError } from '../loopGuard/loopGuard.js';
import { ListError } from '../lists/validItems.js';

const MAX_DETAIL = 300;

/** The code of a failure that trying again does not change: the server speaks no revision of MCP that is spoken here. */
export const REVISION_REFUSED = 'revision';

/** The start took longer than `timeouts.connectMs`. */
export class StartTimeoutError extends Error {
  override readonly name = 'StartTimeoutError';
}

/** Its lists were not read anew within `timeouts.listMs`. */
export class ListTimeoutError extends Error {
  override readonly name = 'ListTimeoutError';

  /** @param listMs milliseconds */
  constructor(readonly listMs: number) {
    super(`The lists took longer than ${listMs} ms.`);
  }
}

/** A connection that looks well, but answers no pings. */
export class UnresponsiveError extends Error {
  override readonly name = 'UnresponsiveError';
}

/**
 * Why a start or a refresh failed, for people and for programs, without any secret of the server's.
 * @param report what its process did, where it has one
 */
export function describeFailure(
  definition: ServerDefinition,
  error: unknown,
  report: Connection['processReport'],
): Failure {
  const redact = redactor(definition.launch);
  const { code, message, detail } = explain(definition, error, report, redact);
  return { code, message: redact(message), ...(detail === undefined ? {} : { detail: redact(detail) }) };
}

function explain(
  { id, launch, timeouts }: ServerDefinition,
  error: unknown,
  report: Connection['processReport'],
  redact: Redact,
): Failure {
  const clip = (text: string): string => redact(text, MAX_DETAIL);
  const cause = error instanceof SendError ? error.cause : error;
  if (cause instanceof LoopError) return { code: 'self', message: cause.message };
  if (cause instanceof StartTimeoutError) {
    const raise = `Raise mcpGateway.servers.${id}.timeouts.connectMs if it needs longer.`;
    return {
      code: 'start-timeout',
      message: `It was not ready within ${timeouts.connectMs} ms. ${raise}${output(report)}`,
    };
  }
  if (cause instanceof ListTimeoutError)
    return {
      code: 'list-timeout',
      message: `It did not list everything within ${cause.listMs} ms. Raise mcpGateway.servers.${id}.timeouts.listMs if it needs longer.`,
    };
  if (cause instanceof UnresponsiveError)
    return { code: 'unresponsive', message: 'It did not answer any more and was stopped. See its log.' };
  // Before its end, which is how some servers go on after they have refused.
  if (cause instanceof RevisionError) return { code: REVISION_REFUSED, message: cause.message };
  if (report?.ended !== undefined)
    return { code: 'process-ended', message: `${report.ended}${output(report)}` };
  if (cause instanceof ProcessError)
    return {
      code: 'process-failed',
      message: cause.message,
      ...(cause.detail === undefined ? {} : { detail: cause.detail }),
    };
  if (cause instanceof ListError)
    return { code: 'list-failed', message: `It started, but ${cause.message}. See its log.` };
  if (cause instanceof MessageTooLargeError)
    return {
      code: 'answer-too-large',
      message: `It answered with more than ${mebibytes(cause.maxBytes)} at once, which is not taken. It must list what it has in pages.`,
    };
  if (cause instanceof HandshakeError) return { code: 'protocol', message: clip(cause.message) };
  if (cause instanceof RpcError)
    return { code: 'server-error', message: `It answered with error ${cause.code}: ${clip(cause.message)}` };
  if (cause instanceof PeerClosedError)
    return { code: 'connection-closed', message: `It closed the connection.${output(report)}` };
  return launch.type === 'stdio'
    ? { code: 'failed', message: clip(messageOf(cause)) + output(report) }
    : explainHttp(bareUrl(launch.url), cause, clip);
}

function explainHttp(url: string, error: unknown, clip: (text: string) => string): Failure {
  const status = httpStatus(error);
  if (status !== undefined)
    return {
      code: `http-${status}`,
      message: `${url} answered with HTTP status ${status}. ${httpAdvice(status)}`,
    };
  const text = messageOf(error);
  const contentType = /Unexpected content type: ([\w/.+-]+)/i.exec(text)?.[1];
  if (contentType !== undefined)
    return {
      code: 'not-mcp',
      message: `${url} answered with ${contentType} instead of MCP. Check "url".`,
    };
  const network = networkCode(error);
  if (network === 'ECONNREFUSED')
    return {
      code: 'refused',
      message: `Nothing listens at ${url} (ECONNREFUSED). Start the server or check "url".`,
    };
  if (network === 'ENOTFOUND')
    return { code: 'unreachable', message: `The host of ${url} is not known (ENOTFOUND). Check "url".` };
  return {
    code: 'unreachable',
    message: `${url} could not be reached: ${network ?? clip(text)}. Check "url" and the network.`,
  };
}

function output(report: Connection['processReport']): string {
  if (!report) return '';
  const tail = report.stderrTail.join('\n');
  return garbage(report) + (tail === '' ? '' : ` Its last output:\n${tail}`);
}

const garbage = (report: NonNullable<Connection['processReport']>): string =>
  report.firstGarbage === undefined
    ? ''
    : ` It wrote something that is not MCP on its stdout: ${report.firstGarbage}`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
