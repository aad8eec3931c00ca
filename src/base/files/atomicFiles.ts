import { randomBytes } from 'node:crypto';
import { lstat, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './makeFolder.js';
import { renameOver } from './renameOver.js';

/** A file as the file system tells of it. */
export interface FileInfo {
  readonly name: string;
  readonly bytes: number;
  /** Of its last save or use, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** `undefined` when there is no such regular file. */
export async function fileInfo(directory: string, name: string): Promise<FileInfo | undefined> {
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
