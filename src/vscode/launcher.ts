import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAtomically } from '../base/files/atomicFiles.js';

/**
 * Keeps a file at a place that stays, which runs the command line of the version installed now: the folder of an extension
 * is another after each update, and configurations that were copied out of it would all break.
 * @param path of that file
 * @param program absolute path of this version's command line
 * @throws when it cannot be written
 */
export async function keepLauncher(path: string, program: string): Promise<void> {
  const text = `// Written by MCP Tool Gateway at each start.\nrequire(${JSON.stringify(program)});\n`;
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  // As a whole: other windows do the same at the same time, and a client may just be starting it.
  await writeAtomically(path, dirname(path), Buffer.from(text), Date.now());
}
