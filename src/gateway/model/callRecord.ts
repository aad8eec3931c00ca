import { parseObject } from '../../base/parseObject.js';
import type { ServerId } from './definition.js';
import type { GatewayErrorCode } from './errors.js';

/** What became of a call: its result, a result that says `isError`, or the code of its failure. */
export type CallOutcome = 'ok' | 'tool-error' | GatewayErrorCode;

/** One call of a tool, without anything of its contents. */
export interface CallRecord {
  /** When it came in, in milliseconds since 1970. */
  readonly time: number;
  /** Who made it, as it names itself. */
  readonly client: string;
  readonly server: ServerId;
  /** The server's own name of the tool. */
  readonly tool: string;
  readonly outcome: CallOutcome;
  /** Milliseconds until the outcome, with the start of the server and the wait for room. */
  readonly ms: number;
  /** Tells whether two calls of one process had the same arguments, and nothing else about them. */
  readonly args: string;
}

/** Characters of each text of a record. */
const MAX_TEXT = 200;

/** A record as one line of JSON. */
export const writeCallRecord = ({ time, client, server, tool, outcome, ms, args }: CallRecord): string =>
  JSON.stringify({ time, client: cut(client), server: cut(server), tool: cut(tool), outcome, ms, args });

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text);

/** @returns `undefined` for what is no record, such as a line that is not whole yet */
export function readCallRecord(line: string): CallRecord | undefined {
  const value = parseObject(line);
  if (!value) return undefined;
  const { time, client, server, tool, outcome, ms, args } = value;
  const texts = [client, server, tool, outcome, args];
  if (!texts.every((text) => typeof text === 'string') || typeof time !== 'number' || typeof ms !== 'number')
    return undefined;
  return value as unknown as CallRecord;
}
