import { createHash, randomBytes } from 'node:crypto';
import { lstat, open, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/makeFolder.js';
import { renameOver } from '../../base/renameOver.js';
import type { ServerId } from '../model/definition.js';

const ENTRY_NAME = /^[a-z0-9_-]{0,24}-([0-9a-f]{16})-[0-9a-f]{16}\.v1\.catalog$/;
const TEMPORARY_NAME = /\.v1\.catalog\.[0-9a-f]{12}\.tmp$/;

/** How many names of the directory are looked at; the directory is ours, so more of them are somebody's mistake. */
const MAX_NAMES = 10_000;

/** A file of the cache as the file system tells of it. */
export interface EntryFile {
  readonly name: string;
  readonly bytes: number;
  /** Of its last save or use, in milliseconds since 1970. */
  readonly usedAt: number;
}

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

/** `undefined` when there is no such regular file. */
export async function fileInfo(directory: string, name: string): Promise<EntryFile | undefined> {
  try {
    const stats = await lstat(join(directory, name));
    return stats.isFile() ? { name, bytes: stats.size, usedAt: stats.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The whole content of a file that is no larger than `maxBytes`.
 * @returns `undefined` when there is no such regular file, `too-large` without reading when it is larger
 * @throws when it cannot be read
 */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer | 'too-large' | undefined> {
  try {
    // Asked before opening, because opening a pipe would wait for its other end.
    if (!(await lstat(path)).isFile()) return undefined;
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > maxBytes) return 'too-large';
      const content = Buffer.alloc(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await file.read(content, filled, size - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return content.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a file so that every reader, also of another process, sees the old one or the new one, whole; makes the
 * directory when it is missing. Only the user may read them.
 * @throws when the directory cannot be made or written
 */
export async function writeAtomically(
  path: string,
  directory: string,
  content: Buffer,
  usedAt: number,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await makeFolder(directory);
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.utimes(usedAt / 1000, usedAt / 1000);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(temporary, path);
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
}

/** Removes a file if it can; for files that nobody will miss or read wrongly. */
export const removeQuietly = (path: string): Promise<void> =>
  rm(path, { force: true }).catch(() => undefined);

/** The system's code of a failed file operation, such as `ENOENT`; empty when it has none. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const shortHash = (text: string): string =>
  createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 16);
