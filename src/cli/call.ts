import type { Gateway } from '../gateway/api.js';
import { checkArguments } from '../gateway/catalog/checkArguments.js';
import { readJson } from '../gateway/config/json.js';
import { invalidArguments } from '../gateway/model/errors.js';
import type { ListedTool, Listing } from '../gateway/model/listing.js';
import type { CallToolResult } from '../gateway/model/results.js';
import type { Logger } from '../gateway/ports.js';
import { UsageError } from './failure.js';

export type ToolArguments = Readonly<Record<string, unknown>>;

/** Bytes of arguments that are read from standard input. */
const mostInputBytes = 64 * 1024 * 1024;

const howTo =
  'Give one JSON object in single quotes, such as \'{"message":"hi"}\', or - to read it from standard input.';

/** @throws UsageError when the text is not one JSON object */
export function parseArguments(text: string): ToolArguments {
  const json = readJson(text, 'json');
  if ('fault' in json) {
    const { line, column, what } = json.fault;
    throw new UsageError(
      `The arguments are not valid JSON at line ${line}, column ${column}: ${what}. ${howTo}`,
    );
  }
  if (json.root.type !== 'object') throw new UsageError(`The arguments are not a JSON object. ${howTo}`);
  return JSON.parse(text) as ToolArguments;
}

/** All of standard input. @throws UsageError when it is too much */
export async function readInput(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = Buffer.from(chunk as Buffer);
    bytes += buffer.length;
    if (bytes > mostInputBytes)
      throw new UsageError(
        `The arguments on standard input are larger than ${mostInputBytes} bytes. Give less.`,
      );
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Runs one tool once its arguments fit its input schema. Waits for the tool's own server only: what else is slow or
 * dead does not matter for a tool that is known.
 * @param gateway whose own grace is 0
 * @param graceMs how long servers that are starting may hold the answer up that there is no such tool
 * @throws GatewayError
 */
export async function callTool(
  gateway: Gateway,
  name: string,
  args: ToolArguments,
  options: { readonly graceMs: number; readonly signal: AbortSignal; readonly log: Logger },
): Promise<CallToolResult> {
  const { signal, log } = options;
  const known = await findTool(gateway, name, options.graceMs, signal);
  if (known !== undefined) {
    const reasons = checkArguments(known.tool.inputSchema, args);
    if (reasons.length > 0) throw invalidArguments(known.server, known.tool.name, reasons);
  }
  // A tool that is not known yet may be one of a server that takes longer: the gateway starts that one and waits.
  return gateway.callTool(name, args, {
    signal,
    onProgress: ({ progress, total, message }) => {
      log.info(
        `Progress ${progress}${total === undefined ? '' : ` of ${total}`}${message ? `: ${message}` : ''}`,
      );
    },
  });
}

/** The tool as soon as any server offers it; `undefined` when none does that is ready within the grace. */
async function findTool(
  gateway: Gateway,
  name: string,
  graceMs: number,
  signal: AbortSignal,
): Promise<ListedTool | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(graceMs)]);
  for (;;) {
    const changed = nextChange(gateway, deadline);
    const listing = await gateway.listTools(signal);
    const found = listing.items.find((tool) => tool.name === name);
    if (found !== undefined || !someStarting(listing) || deadline.aborted) return found;
    await changed;
  }
}

const someStarting = ({ omitted }: Listing<unknown>): boolean =>
  omitted.some(({ reason }) => reason === 'starting');

function nextChange(gateway: Gateway, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      subscription.dispose();
      deadline.removeEventListener('abort', done);
      resolve();
    };
    const subscription = gateway.onDidChangeServers(done);
    deadline.addEventListener('abort', done, { once: true });
  });
}
