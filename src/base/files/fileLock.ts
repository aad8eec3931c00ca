import { lstat, open, rm } from 'node:fs/promises';

/** Milliseconds after which nobody still has a lock. */
const MAX_LOCK_MS = 30_000;

/**
 * Does what only one process at a time may do with a file. Whoever comes second does not wait: what it wanted to do is being
 * done, or it has another way. The lock of a process that was killed is removed, and whoever comes next can have it.
 * @param path of the file; its lock lies beside it
 * @returns what the work answers; `undefined` when the lock was not to be had
 * @throws what the work throws
 */
export async function underLock<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  const lock = `${path}.lock`;
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch {
    await removeOld(lock);
    return undefined;
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function removeOld(lock: string): Promise<void> {
  try {
    const { mtimeMs } = await lstat(lock);
    if (Date.now() - mtimeMs > MAX_LOCK_MS) await rm(lock, { force: true });
  } catch {
    // It is gone, or will be looked at again by whoever comes next.
  }
}
