import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scriptedServer, temporaryFolder, until, isAlive } from '../../support/gateway.js';

describe('NoOrphans', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`nothing of the servers is left 2 s after the host was ended by ${signal}`, async function () {
      if (process.platform === 'win32') this.skip();
      const folder = await temporaryFolder(cleanups);
      const spawnLog = join(folder, 'spawns');
      const servers = {
        plain: scriptedServer({ spawnLog }),
        stubborn: scriptedServer({ spawnLog, grandchild: true, stubborn: true }),
      };
      const host = spawn(
        process.execPath,
        ['--import', 'tsx', 'test/support/hostProcess.ts', JSON.stringify(servers), join(folder, 'cache')],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      cleanups.push(() => Promise.resolve(host.kill('SIGKILL')));
      await once(host.stdout, 'data');
      const pids = (await readFile(spawnLog, 'utf8')).match(/\d+/g)!.map(Number);
      assert.equal(pids.length, 3);
      assert.deepEqual(pids.filter(isAlive), pids);
      host.kill(signal);
      await until(() => !pids.some(isAlive), 'all have ended', 2000);
    });
});
