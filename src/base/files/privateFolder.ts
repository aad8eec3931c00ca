import { chmod, lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './makeFolder.js';
import { folderFault } from './ownership.js';

const PRIVATE = 0o700;

/**
 * Makes a folder in which nobody but this user can read, add or replace anything, or closes one that the user has to others.
 * One that others can write now is not taken: something of theirs may be in it. So that nobody can put another folder in its
 * place, those above it must be the user's or root's, and closed to others or sticky as `/tmp` is.
 * On Windows it is only made: there a user's folders are closed to others by what they inherit.
 * @throws Error, whose message is the reason as a part of a sentence
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path);
  if (process.getuid === undefined) return;
  const { uid, mode } = await lstat(path);
  const fault = uid === process.getuid() ? await folderFault(path) : 'it belongs to another user';
  if (fault !== undefined) throw new Error(`of ${path}, ${fault}`);
  if ((mode & 0o022) !== 0) throw new Error(`of ${path}, other users can change it`);
  let above = dirname(await realpath(path));
  for (;;) {
    const faultAbove = await folderFault(above);
    if (faultAbove !== undefined) throw new Error(`of ${above}, ${faultAbove}`);
    if (above === dirname(above)) break;
    above = dirname(above);
  }
  if ((mode & 0o777) !== PRIVATE) await chmod(path, PRIVATE);
}
