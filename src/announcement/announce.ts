import { randomBytes } from 'node:crypto';
import { chmod, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../base/files/makeFolder.js';
import { ownIdentity } from '../base/process/processIdentity.js';
import { errorCode, removeQuietly, writeAtomically } from '../base/files/atomicFiles.js';
import type { Logger } from '../gateway/ports.js';
import { writeEntry, type Running } from './record.js';

/** What a gateway says of itself; the rest is of its process. */
export type Facts = Pick<Running, 'url' | 'socket' | 'token' | 'servers' | 'folders'>;

/** A gateway that can be found, for as long as this is not disposed. */
export interface Announcement {
  /** Says this from now on: a new token, other servers, other folders. Never throws. */
  update(facts: Facts): Promise<void>;
  /** Resolves when nobody can find the gateway any more. Never throws. */
  dispose(): Promise<void>;
}

/**
 * Lets this user's other programs find the gateway of this process, through a file that only the user can read. Never
 * throws: a gateway that cannot be found still serves whoever knows its address; the log says so.
 * @param directory the folder for all announcements of the user
 */
export async function announce(directory: string, facts: Facts, logger: Logger): Promise<Announcement> {
  const path = join(directory, `${process.pid}-${randomBytes(6).toString('hex')}.json`);
  const startedAt = Date.now();
  const identity = ownIdentity();
  let disposed = false;
  const write = async ({ url, socket, token, servers, folders }: Facts): Promise<void> => {
    if (disposed) return;
    try {
      await makePrivate(directory);
      const entry = {
        ...{ url, token, startedAt, servers, folders, host: hostname() },
        ...(socket === undefined ? {} : { socket }),
        ...(await identity),
      };
      await writeAtomically(path, directory, writeEntry(entry), Date.now());
    } catch (error) {
      const why = errorCode(error) || (error as Error).message;
      logger.warn(
        `"connect" cannot find this gateway, because ${directory} could not be used (${why}). Make it a folder that only you can write.`,
      );
    }
  };
  // One after the other, so that the last one stays.
  let last = write(facts);
  const then = (step: () => Promise<void>): Promise<void> => (last = last.then(step));
  await last;
  return {
    update: (next) => then(() => write(next)),
    dispose: () => {
      disposed = true;
      return then(() => removeQuietly(path));
    },
  };
}

/** @throws when the folder cannot be made, or others could put announcements of their own there */
async function makePrivate(directory: string): Promise<void> {
  await makeFolder(directory);
  if (process.getuid === undefined) return;
  const { uid, mode } = await stat(directory);
  if (uid !== process.getuid()) throw new Error('it belongs to another user');
  if ((mode & 0o077) !== 0) await chmod(directory, 0o700);
}
