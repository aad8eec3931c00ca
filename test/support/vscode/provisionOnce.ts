import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { provisionedDir } from './paths.js';

const MARKER = '.provisioned';

/**
 * Returns the folder `.vscode-test/<name>`, filled by `build` if that has not happened yet for `version`.
 *
 * `build` fills a scratch folder that is moved in place when it is complete, so a run that is killed in the
 * middle leaves nothing that looks finished. The lock's holder refreshes it while it lives; the lock of a
 * dead run is taken over after a few seconds.
 */
export async function provisionOnce(
  name: string,
  version: string,
  build: (scratch: string) => Promise<void>,
): Promise<string> {
  const target = join(provisionedDir, name);
  if (await isProvisioned(target, version)) return target;

  await mkdir(provisionedDir, { recursive: true });
  const release = await lock(target, {
    realpath: false,
    stale: 10_000,
    retries: { forever: true, minTimeout: 200, maxTimeout: 1_000, maxRetryTime: 600_000 },
  });
  try {
    if (await isProvisioned(target, version)) return target;
    await removeAbandonedScratch(name);
    process.stderr.write(`Preparing ${name} ${version} in .vscode-test (once) …\n`);
    const scratch = await mkdtemp(join(provisionedDir, `${name}.partial-`));
    try {
      await build(scratch);
      await writeFile(join(scratch, MARKER), version);
      await rm(target, { recursive: true, force: true });
      await rename(scratch, target);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return target;
  } finally {
    await release();
  }
}

async function isProvisioned(target: string, version: string): Promise<boolean> {
  const marker = join(target, MARKER);
  return existsSync(marker) && (await readFile(marker, 'utf8')) === version;
}

/** Only called under the lock: a scratch folder that exists then belongs to a run that was killed. */
async function removeAbandonedScratch(name: string): Promise<void> {
  for (const entry of await readdir(provisionedDir)) {
    if (basename(entry).startsWith(`${name}.partial-`)) {
      await rm(join(provisionedDir, entry), { recursive: true, force: true });
    }
  }
}
