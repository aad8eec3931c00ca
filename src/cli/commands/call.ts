import type { Gateway } from '../../gateway/api.js';
import { readJson } from '../../gateway/config/json.js';
import type { CallToolResult } from '../../gateway/model/results.js';
import type { Logger } from '../../gateway/ports.js';
import { UsageError } from '../failure.js';

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
 * Runs one tool once its arguments fit its input schema.
 * @throws GatewayError
 */
export function callTool(
  gateway: Gateway,
  name: string,
  args: ToolArguments,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<CallToolResult> {
  return gateway.callTool(name, args, {
    signal,
    checkArguments: true,
    onProgress: ({ progress, total, message }) => {
      log.info(
        `Progress ${progress}${total === undefined ? '' : ` of ${total}`}${message ? `: ${message}` : ''}`,
      );
    },
  });
}
