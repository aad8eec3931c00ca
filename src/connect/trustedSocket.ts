import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ownershipFault } from '../base/files/ownership.js';

/**
 * Why a Unix socket may be somebody else's, as a part of a sentence; nothing where only this user can listen there: a socket
 * and its folder are the user's and closed to others. On Windows the names of pipes are everybody's, and only the proof counts.
 */
export async function socketFault(path: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const folder = dirname(path);
  try {
    const [within, socket] = await Promise.all([lstat(folder), lstat(path)]);
    if (!within.isDirectory()) return `${folder} is not a folder`;
    if (!socket.isSocket()) return `${path} is not a socket`;
    const folderFault = ownershipFault(within, 'private');
    if (folderFault !== undefined) return `of ${folder}, ${folderFault}`;
    const fault = ownershipFault(socket, 'private');
    return fault === undefined ? undefined : `of ${path}, ${fault}`;
  } catch (error) {
    return `${path} cannot be used (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}
