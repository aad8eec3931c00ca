import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const RETRIES_MS = [10, 30, 100, 300];
const BUSY: readonly unknown[] = ['EPERM', 'EACCES', 'EBUSY'];

/**
 * Renames a file in the place of another. Windows refuses that while somebody else has either open, a virus scanner for
 * example; there it is tried again for half a second.
 * @throws as `rename`
 */
export async function renameOver(from: string, to: string): Promise<void> {
  for (const pause of process.platform === 'win32' ? RETRIES_MS : []) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (!BUSY.includes((error as NodeJS.ErrnoException).code)) throw error;
      await delay(pause);
    }
  }
  await rename(from, to);
}
