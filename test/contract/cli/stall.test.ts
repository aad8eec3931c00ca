import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildCli, startCli, writeConfig } from '../../support/cli.js';
import { scriptedServer, spawns, temporaryFolder, until } from '../../support/gateway.js';
import { isAlive, processTree } from '../../support/vscode/processTree.js';

/** Of the program, in milliseconds. */
const LIMIT_MS = 5000;

describe('CLI: an event loop that stands still', function () {
  this.timeout(60_000);
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** A call that takes long, and a program that stands still when it is told to. */
  async function begin(blockMs: number, sleepMs = 60_000) {
    const folder = await temporaryFolder(cleanups);
    const [spawnLog, block] = [join(folder, 'spawns'), join(folder, 'block')];
    // Only the program itself is to stand still.
    const script = JSON.stringify({ spawnLog, stubborn: true });
    const server = scriptedServer({}, { env: { SCRIPT: script, NODE_OPTIONS: '' } });
    const { args } = await writeConfig({ a: server }, cleanups);
    const preload = pathToFileURL(resolve('test/fixtures/block-loop.mjs')).href;
    const running = startCli(['call', ...args, 'a__sleep', JSON.stringify({ ms: sleepMs }), '--verbose'], {
      env: { NODE_OPTIONS: `--import=${preload}`, BLOCK_LOOP: block, BLOCK_MS: String(blockMs) },
    });
    let log = '';
    running.child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await until(async () => (await spawns(spawnLog)).length === 1 && log.includes('Ready'), 'the call runs');
    cleanups.push(() => Promise.resolve(running.child.kill('SIGKILL')));
    return {
      ...running,
      block: async () => {
        await writeFile(block, '');
        await until(() => existsSync(`${block}.begun`), 'it stands still');
      },
    };
  }

  it('does not keep SIGTERM from ending the process and its servers', async () => {
    const { child, ended, block } = await begin(Infinity);
    const tree = processTree(child.pid ?? 0);
    assert.ok(tree.length >= 2);
    await block();
    const sent = performance.now();
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.ok(performance.now() - sent < 2 * LIMIT_MS, `${performance.now() - sent} ms`);
    assert.equal(code, 'SIGKILL');
    assert.match(stderr, /stood still for 5 s and has ended itself/);
    await until(() => !tree.some(isAlive), 'all of them are gone', LIMIT_MS);
  });

  it('is logged with what was in work, when it goes on in time', async () => {
    const { ended, block } = await begin(0.5 * LIMIT_MS, 3000);
    await block();
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /stood still for \d{4} ms\. In work: tools\/call to a \(\d+ ms\)/);
  });
});
