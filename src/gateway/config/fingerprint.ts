import { createHash } from 'node:crypto';
import type { Launch } from '../model/definition.js';

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** As a list in one order, because the order of an object's keys says nothing. */
const sorted = (record: Readonly<Record<string, string | null>>): (readonly [string, string | null])[] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/**
 * What identifies a server: SHA-256 (64 hex digits) over type, command, args, cwd, what it inherits, url and a
 * hash of env and headers.
 * Two launches have the same fingerprint exactly when they would start the same thing. Holds no secret in clear.
 */
export function fingerprint(launch: Launch): string {
  return launch.type === 'stdio'
    ? sha256([
        ...['stdio', launch.command, launch.args, launch.cwd, sha256(sorted(launch.env))],
        // Left out with the default, so that caches from before there was a choice stay good.
        ...(launch.inheritEnv === undefined ? [] : [launch.inheritEnv]),
      ])
    : sha256([launch.type, launch.url, sha256(sorted(launch.headers))]);
}
