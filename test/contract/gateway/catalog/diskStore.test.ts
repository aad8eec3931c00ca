import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { createDiskStore } from '../../../../src/gateway/cache/diskStore.js';
import { fault, keys, work } from './diskStore.worker.js';

const PROCESSES = 4;
/** Reads and writes of each process. */
const OPERATIONS = 1000;
/** How often each process is killed in the middle of them. */
const KILLS = 3;

describe('CrossWindowAtomicity: a cache directory shared by several processes', () => {
  let directory: string;
  let worker: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shared-catalogs-'));
    worker = join(directory, 'worker.mjs');
    // Bundled, because a process that is killed and started anew so often must start quickly.
    await build({
      stdin: {
        contents: `import { ${work.name} } from './diskStore.worker.ts'; await ${work.name}(process.argv[2], Number(process.argv[3]));`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: worker,
      logLevel: 'error',
    });
  });

  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it(`${PROCESSES} processes × ${OPERATIONS} reads and writes, each killed ${KILLS} times: every read is a whole entry or a miss`, async function () {
    this.timeout(20_000 + PROCESSES * OPERATIONS * 50);
    const cache = join(directory, 'cache');
    const counts = { w: 0, c: 0, h: 0, m: 0 };
    const complaints: string[] = [];

    /** Lets one process work until it is done or has done so much that it is to be killed. */
    async function run(operations: number, killAfter: number): Promise<number> {
      const child = spawn(process.execPath, [worker, cache, String(operations)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = once(child, 'close');
      let done = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('!')) complaints.push(line);
        else if (line in counts) {
          counts[line as keyof typeof counts]++;
          done++;
        }
        if (done === killAfter) {
          // Anywhere within the next few operations.
          await delay(Math.random() * 5);
          child.kill('SIGKILL');
        }
      }
      const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      assert.ok(
        code === 0 || (signal === 'SIGKILL' && killAfter < operations),
        `exit ${String(code ?? signal)}`,
      );
      return done;
    }

    async function runWithKills(): Promise<void> {
      let left = OPERATIONS;
      for (let kills = 0; left > 0; kills++) {
        const killAfter = kills < KILLS ? Math.ceil((Math.random() * OPERATIONS) / KILLS) : Infinity;
        left -= await run(left, killAfter);
      }
    }

    await Promise.all(Array.from({ length: PROCESSES }, runWithKills));

    const store = createDiskStore({
      directory: cache,
      logger: {
        debug: () => undefined,
        info: (line) => complaints.push(line),
        warn: (line) => complaints.push(line),
        error: (line) => complaints.push(line),
      },
    });
    for (const [server, fingerprint] of keys()) {
      const found = await store.load(server, fingerprint);
      assert.equal(found && fault(found), undefined);
    }
    assert.deepEqual(complaints, []);
    assert.ok(counts.w > 0 && counts.h > 0, JSON.stringify(counts));
    const files = await readdir(cache);
    const entries = files.filter((name) => name.endsWith('.catalog'));
    assert.ok(entries.length <= keys().length, files.join(' '));
    console.log(`      ${JSON.stringify(counts)}, ${files.length - entries.length} files of killed writers`);
  });
});
