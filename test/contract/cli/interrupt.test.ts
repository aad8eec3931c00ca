import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCli, isRunning, startCli, writeConfig } from '../../support/cli.js';
import { publicServer, scriptedServer, spawns, temporaryFolder, until } from '../../support/gateway.js';
import { isAlive, processTree } from '../../support/vscode/processTree.js';

describe('CLI: Ctrl-C (invariant NoOrphans)', function () {
  this.timeout(60_000);
  before(function () {
    // Elsewhere there are no signals that a test could send.
    if (process.platform === 'win32') this.skip();
  });
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    it(`ends a list with ${signal}, exits ${exitCode} and leaves no process behind`, async () => {
      const { args } = await writeConfig(
        { everything: publicServer('everything'), dead: scriptedServer({ silent: true, grandchild: true }) },
        cleanups,
      );
      const { child, ended } = startCli(['list', ...args, '--grace', '60000']);
      await until(() => processTree(child.pid!).length >= 4, 'both servers and the grandchild run');
      const tree = processTree(child.pid!);
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stdout, stderr], [exitCode, '', '']);
      await until(() => !tree.some(isAlive), 'all of them are gone', 1000);
    });

  it('ends a call, and tells its server', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { args } = await writeConfig({ a: scriptedServer({ spawnLog }) }, cleanups);
    const { child, ended } = startCli(['call', ...args, 'a__sleep', '{"ms":30000}', '--verbose']);
    await until(async () => (await spawns(spawnLog)).length === 1, 'the server runs');
    let log = '';
    child.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await until(() => log.includes('Ready'), 'the call can begin');
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
    assert.match(await readFile(spawnLog, 'utf8'), /^cancelled /m);
    const [pid] = await spawns(spawnLog);
    await until(() => !isRunning(pid!), 'the server is gone', 1000);
  });

  it('ends at once at the second Ctrl-C, and still leaves nothing behind', async () => {
    const { args } = await writeConfig(
      {
        a: scriptedServer({ stubborn: true, grandchild: true }),
        b: scriptedServer({ stubborn: true, silent: true }),
      },
      cleanups,
    );
    const { child, ended } = startCli(['list', ...args, '--grace', '60000']);
    await until(() => processTree(child.pid!).length >= 4, 'both servers and the grandchild run');
    const tree = processTree(child.pid!);
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const secondAt = performance.now();
    child.kill('SIGINT');
    const { code } = await ended;
    const ms = performance.now() - secondAt;
    assert.equal(code, 130);
    // A clean end of a stubborn server takes at least 1400 ms.
    assert.ok(ms < 1000, `${ms} ms`);
    await until(() => !tree.some(isAlive), 'all of them are gone', 1000);
  });

  it('ends while it waits for standard input', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const { child, ended } = startCli(['call', ...args, 'a__echo', '-'], { keepInputOpen: true });
    // More than a pipe holds: it has left when somebody reads it.
    await new Promise((resolve) => child.stdin!.write(' '.repeat(500_000), resolve));
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
  });
});
