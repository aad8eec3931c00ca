import { isAbsolute } from 'node:path';
import { parseObject } from '../base/parseObject.js';
import type { ProcessIdentity } from '../base/process/processIdentity.js';
import { isToken } from '../base/token.js';

/** A gateway that runs, as it announces itself. */
export interface Running {
  /** `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  /** Absolute path of its Unix socket or named pipe, where it has one. */
  readonly socket?: string | undefined;
  readonly token: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Ids of its servers. */
  readonly servers: readonly string[];
  /** Absolute paths of the workspace folders that it is for. */
  readonly folders: readonly string[];
}

/**
 * An announcement with what tells its process from any other: the machine, because a home folder may be on several, and what
 * the system says of it.
 */
export interface Entry extends Running, ProcessIdentity {
  readonly host: string;
}

/** Bytes of an announcement's file: 500 servers with names of 100 characters, and room for folders. */
export const MAX_BYTES = 256 * 1024;
const MAX_TEXTS = 1000;
const MAX_PART_CHARS = 512;
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

export const writeEntry = (entry: Entry): Buffer => Buffer.from(`${JSON.stringify(entry)}\n`);

/** @returns `undefined` for anything that is no announcement */
export function readEntry(text: string): Entry | undefined {
  const value = parseObject(text);
  if (!value) return undefined;
  const { url, socket, token, pid, startedAt, servers, folders, host, start, boot, space } = value;
  if (!isLoopbackUrl(url) || typeof token !== 'string' || !isToken(token)) return undefined;
  if (!isCount(pid) || !isCount(startedAt) || typeof host !== 'string') return undefined;
  if (!areTexts(servers) || !areTexts(folders)) return undefined;
  if (socket !== undefined && !(typeof socket === 'string' && isAbsolute(socket))) return undefined;
  // What an older version does not say is left out.
  const optional = Object.entries({ socket, start, boot, space }).filter(([, part]) => part !== undefined);
  if (!optional.every(([, part]) => typeof part === 'string' && part.length <= MAX_PART_CHARS))
    return undefined;
  return { url, token, pid, startedAt, servers, folders, host, ...Object.fromEntries(optional) };
}

/** The token goes nowhere but to this machine. */
function isLoopbackUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'http:' && LOOPBACK.includes(hostname);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MAX_TEXTS && value.every((text) => typeof text === 'string');
