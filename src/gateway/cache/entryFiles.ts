import { createHash } from 'node:crypto';
import { opendir } from 'node:fs/promises';
import type { ServerId } from '../model/definition.js';

const ENTRY_NAME = /^[a-z0-9_-]{0,24}-([0-9a-f]{16})-[0-9a-f]{16}\.v1\.catalog$/;
const TEMPORARY_NAME = /\.v1\.catalog\.[0-9a-f]{12}\.tmp$/;

/** How many names of the directory are looked at; the directory is ours, so more of them are somebody's mistake. */
const MAX_NAMES = 10_000;

/** The name of the file for a server's catalog under a fingerprint: readable, safe on every file system, unique. */
export function entryName(server: ServerId, fingerprint: string): string {
  const readable = server
    .slice(0, 24)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_');
  return `${readable}-${shortHash(server)}-${shortHash(fingerprint)}.v1.catalog`;
}

/** Names of files in the directory that this format would write, of one server or of all. @throws as `opendir` */
export async function entryNames(directory: string, server?: ServerId): Promise<string[]> {
  const wanted = server === undefined ? undefined : shortHash(server);
  const names: string[] = [];
  for await (const name of namesIn(directory)) {
    const hash = ENTRY_NAME.exec(name)?.[1];
    if (hash !== undefined && (wanted === undefined || hash === wanted)) names.push(name);
  }
  return names;
}

/** Names of files that a write left behind when its process was killed. @throws as `opendir` */
export async function temporaryNames(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of namesIn(directory)) if (TEMPORARY_NAME.test(name)) names.push(name);
  return names;
}

async function* namesIn(directory: string): AsyncGenerator<string> {
  let seen = 0;
  for await (const { name } of await opendir(directory)) {
    if (++seen > MAX_NAMES) return;
    yield name;
  }
}

const shortHash = (text: string): string =>
  createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 16);
