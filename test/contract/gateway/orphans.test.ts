import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scriptedServer, temporaryFolder, until } from '../../support/gateway.js';

describe('NoOrphans', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`nothing of the servers is left 2 s after the host was ended by ${signal}`, async function () {
      if (process.platform === 'win32') this.skip();
      const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
      const servers = {
        plain: scriptedServer({ spawnLog }),
        stubborn: scriptedServer({ spawnLog, grandchild: true, stubborn: true }),
      };
      const host = spawn(
        process.execPath,
        ['--import', 'tsx', 'test/support/hostProcess.ts', JSON.stringify(servers)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      cleanups.push(() => Promise.resolve(host.kill('SIGKILL')));
      await once(host.stdout, 'data');
      const pids = (await readFile(spawnLog, 'utf8')).match(/\d+/g)!.map(Number);
      assert.equal(pids.length, 3);
      assert.deepEqual(await Promise.all(pids.map(isAlive)), [true, true, true]);
      host.kill(signal);
      await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true), 'all have ended', 2000);
    });
});

/** A zombie, which only waits for somebody to take note of it, is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) Z /.test(stat);
}
