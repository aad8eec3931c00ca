import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** `private`: nobody else reads or writes there. `unwritable`: nobody else writes there. */
export type Demand = 'private' | 'unwritable';

const STICKY = 0o1000;
const FORBIDDEN: Readonly<Record<Demand, number>> = { private: 0o077, unwritable: 0o022 };

/**
 * Why a file or folder is not this user's alone, as a part of a sentence; nothing where it is, or where the system knows no
 * owners (Windows). What belongs to root is as good as ours: root can do everything anyway.
 */
export function ownershipFault(
  stats: Pick<Stats, 'uid' | 'mode'>,
  demand: Demand,
  own = process.getuid?.(),
): string | undefined {
  if (own === undefined) return undefined;
  if (stats.uid !== own && stats.uid !== 0) return 'it belongs to another user';
  const mode = stats.mode & 0o7777;
  if ((mode & FORBIDDEN[demand]) === 0) return undefined;
  const what = (mode & 0o022) === 0 ? 'read' : demand === 'private' ? 'read or change' : 'change';
  return `other users can ${what} it (mode ${(mode & 0o777).toString(8)})`;
}

/**
 * The same for a folder whose files others must not replace. In one that is sticky, such as `/tmp`, each replaces only
 * its own.
 * @throws as `lstat`
 */
export async function folderFault(path: string): Promise<string | undefined> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) return 'it is not a folder';
  if ((stats.mode & STICKY) !== 0 && process.getuid !== undefined)
    return stats.uid === process.getuid() || stats.uid === 0 ? undefined : 'it belongs to another user';
  return ownershipFault(stats, 'unwritable');
}
