import { lstat, opendir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stateOf } from '../base/process/processIdentity.js';
import { readBounded, removeQuietly } from '../base/files/atomicFiles.js';
import { MAX_BYTES, readEntry, type Running } from './record.js';

const NAME = /^(\d{1,10})-[0-9a-f]{12}\.json$/;
const TEMPORARY_NAME = /^\d{1,10}-[0-9a-f]{12}\.json\.[0-9a-f]{12}\.tmp$/;
/** Names that are looked at: the folder is ours, so more of them are somebody's mistake. */
const MAX_NAMES = 1000;
/** Milliseconds after which nobody is still writing a file. */
const STALE_MS = 60_000;

/**
 * The gateways of this user that run on this machine, as they announced themselves, newest first. Announcements of
 * processes that have ended are swept away, whatever listens at their addresses by now. Never throws: what cannot be read
 * is not there.
 */
export async function findRunning(directory: string): Promise<readonly Running[]> {
  const found: Running[] = [];
  for (const name of await namesIn(directory)) {
    const running = await readAnnouncement(directory, name).catch(() => undefined);
    if (running) found.push(running);
  }
  return found.sort((a, b) => b.startedAt - a.startedAt);
}

async function readAnnouncement(directory: string, name: string): Promise<Running | undefined> {
  const pid = NAME.exec(name)?.[1];
  if (pid === undefined && !TEMPORARY_NAME.test(name)) return undefined;
  const path = join(directory, name);
  const { uid, mtimeMs } = await lstat(path);
  if (process.getuid !== undefined && uid !== process.getuid()) return undefined;
  const content = pid === undefined ? undefined : await readBounded(path, MAX_BYTES);
  const entry = Buffer.isBuffer(content) ? readEntry(content.toString('utf8')) : undefined;
  if (entry === undefined || String(entry.pid) !== pid) {
    if (Date.now() - mtimeMs > STALE_MS) await removeQuietly(path);
    return undefined;
  }
  const { host, start: _start, boot: _boot, space: _space, ...running } = entry;
  // Process ids of another machine, or of a container, say nothing here. A Mac's name is another in another network.
  if (host !== hostname() && process.platform !== 'darwin') return undefined;
  // What runs in a sandbox has ids of its own: that one is there is for it to prove.
  if ((await stateOf(entry)) !== 'gone') return running;
  await removeQuietly(path);
  return undefined;
}

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(directory)) {
      if (names.length === MAX_NAMES) break;
      names.push(name);
    }
  } catch {
    // No folder, no gateways.
  }
  return names;
}
