import { isToken } from '../token.js';

/** A gateway that runs, as it announces itself. */
export interface Running {
  /** `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Ids of its servers. */
  readonly servers: readonly string[];
  /** Absolute paths of the workspace folders that it is for. */
  readonly folders: readonly string[];
}

/** An announcement with the name of the machine that its process id belongs to: a home folder may be on several. */
export interface Entry extends Running {
  readonly host: string;
}

/** Bytes of an announcement's file: 500 servers with names of 100 characters, and room for folders. */
export const MAX_BYTES = 256 * 1024;
const MAX_TEXTS = 1000;
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

export const writeEntry = (entry: Entry): Buffer => Buffer.from(`${JSON.stringify(entry)}\n`);

/** @returns `undefined` for anything that is no announcement */
export function readEntry(text: string): Entry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { url, token, pid, startedAt, servers, folders, host } = value as Readonly<Record<string, unknown>>;
  if (!isLoopbackUrl(url) || typeof token !== 'string' || !isToken(token)) return undefined;
  if (!isCount(pid) || !isCount(startedAt) || typeof host !== 'string') return undefined;
  if (!areTexts(servers) || !areTexts(folders)) return undefined;
  return { url, token, pid, startedAt, servers, folders, host };
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
