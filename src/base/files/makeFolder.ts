import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Folders that are made above the one that is wanted, at most. */
const MAX_LEVELS = 32;

/**
 * Makes a folder for the user alone, and those above it that are missing. Level by level: Node's own recursion never ends
 * where a file system takes no folders, as below /proc.
 * @throws when it cannot be made
 */
export async function makeFolder(path: string, levels = MAX_LEVELS): Promise<void> {
  const code = await mkdir(path, { mode: 0o700 }).then(
    () => undefined,
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown',
  );
  if (code === undefined || code === 'EEXIST') return;
  const parent = dirname(path);
  if (code !== 'ENOENT' || levels === 0 || parent === path)
    throw Object.assign(new Error(`${code}: ${path} cannot be made`), { code });
  await makeFolder(parent, levels - 1);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}
