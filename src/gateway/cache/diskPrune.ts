import { join } from 'node:path';
import { removeQuietly, fileInfo, type FileInfo } from '../../base/files/atomicFiles.js';
import { entryNames, temporaryNames } from './entryFiles.js';

/** A writer that is still at work after this time is not one any more. */
const TEMPORARY_MAX_AGE_MS = 60 * 60 * 1000;

export interface PruneLimits {
  readonly maxTotalBytes: number;
  readonly maxFiles: number;
  /** Since the last save or use. */
  readonly maxAgeMs: number;
}

/** Removes what is too old or too much, the longest unused first, and what killed writers left behind. */
export async function pruneDirectory(directory: string, limits: PruneLimits, now: number): Promise<void> {
  let count = 0;
  let total = 0;
  for (const file of await newestFirst(directory, await entryNames(directory))) {
    count++;
    total += file.bytes;
    const keep =
      now - file.usedAt <= limits.maxAgeMs && count <= limits.maxFiles && total <= limits.maxTotalBytes;
    if (!keep) await removeQuietly(join(directory, file.name));
  }
  for (const file of await newestFirst(directory, await temporaryNames(directory)))
    if (now - file.usedAt > TEMPORARY_MAX_AGE_MS) await removeQuietly(join(directory, file.name));
}

/** What the file system tells of these files, the last used first; what is gone or is no file is left out. */
export async function newestFirst(directory: string, names: readonly string[]): Promise<FileInfo[]> {
  const files: FileInfo[] = [];
  for (const name of names) {
    const file = await fileInfo(directory, name);
    if (file) files.push(file);
  }
  return files.sort((a, b) => b.usedAt - a.usedAt);
}
