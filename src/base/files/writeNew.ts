import { open } from 'node:fs/promises';

/**
 * Writes a file that only the user can read.
 * @throws `EEXIST` when there is one already, and what else keeps it from being written
 */
export async function writeNew(path: string, content: Buffer | string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
