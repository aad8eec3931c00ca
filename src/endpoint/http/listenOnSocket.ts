import { once } from 'node:events';
import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { underLock } from '../../base/files/fileLock.js';
import { makePrivateFolder } from '../../base/files/privateFolder.js';
import { folderOf, isSocketPath } from '../../base/socketName.js';

/** Milliseconds until whoever listens at a socket must have taken a connection, or counts as alive and busy. */
const PROBE_MS = 2000;
/** How often a path is tried again that a gateway which has ended left behind. */
const MAX_TRIES = 3;
/** Milliseconds between the making of a socket and its first connection, at the most. */
const SETTLE_MS = 50;

/** Where a server listens now, or for each place that was tried why it does not. */
export interface SocketOutcome {
  readonly path: string | undefined;
  /** Paths at which another gateway listens. */
  readonly taken: readonly string[];
  /** Each a part of a sentence. */
  readonly faults: readonly string[];
}

/**
 * Listens at the first of these paths that can be had: in a folder that is this user's alone, at a socket that only this user
 * may open (the folder sees to that until its mode is set), and never in the place of a gateway that still runs. What one left
 * behind that was killed is replaced. When the server closes, Node removes the socket.
 * @param paths of Unix sockets, or of named pipes on Windows; best first
 */
export async function listenOnSocket(server: Server, paths: readonly string[]): Promise<SocketOutcome> {
  const taken: string[] = [];
  const faults: string[] = [];
  const unusable = new Set<string>();
  for (const path of paths) {
    const folder = folderOf(path);
    if (folder !== undefined && unusable.has(folder)) continue;
    if (!isSocketPath(path, process.platform)) {
      faults.push(`${path} is too long for a socket`);
      continue;
    }
    try {
      if (folder !== undefined) await makePrivateFolder(folder);
      if (await bind(server, path)) return { path, taken, faults };
      taken.push(path);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      if (folder !== undefined) unusable.add(folder);
    }
  }
  return { path: undefined, taken, faults };
}

/** @returns false when somebody else listens there @throws what the system says against the place */
async function bind(server: Server, path: string): Promise<boolean> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      server.listen(path);
      await once(server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Windows says EACCES for a pipe of another user.
      if (code !== 'EADDRINUSE' && !(folderOf(path) === undefined && code === 'EACCES')) throw error;
      if (folderOf(path) === undefined || !(await removeStale(path))) return false;
      continue;
    }
    if (folderOf(path) === undefined) return true;
    try {
      await chmod(path, 0o600);
      return true;
    } catch (error) {
      await new Promise((resolve) => server.close(resolve));
      throw error;
    }
  }
  return false;
}

/**
 * Removes a socket that nobody listens at. Only under a lock, so that what another gateway has put in the same place since it
 * was looked at is not removed; whoever does not get the lock goes elsewhere.
 * @returns whether the path may be free now
 */
async function removeStale(path: string): Promise<boolean> {
  const state = await probe(path);
  if (state !== 'stale') return state === 'gone';
  const removed = await underLock(path, async () => {
    try {
      // Nobody listens yet at one that was made this very moment.
      await delay(SETTLE_MS);
      const now = await probe(path);
      if (now === 'live' || !(await lstat(path)).isSocket()) return false;
      await rm(path);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  });
  return removed ?? false;
}

/** Whoever says anything but that nobody listens is taken for alive. */
function probe(path: string): Promise<'live' | 'stale' | 'gone'> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: PROBE_MS });
    const end = (state: 'live' | 'stale' | 'gone'): void => {
      socket.destroy();
      resolve(state);
    };
    socket.once('connect', () => {
      end('live');
    });
    socket.once('timeout', () => {
      end('live');
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      end(code === 'ECONNREFUSED' ? 'stale' : code === 'ENOENT' ? 'gone' : 'live');
    });
  });
}
