import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { liveGroups } from '../../../src/gateway/upstream/stdio/processTable.js';
import { G, isAlive, scriptedServer, temporaryFolder, testGateway, until } from '../../support/gateway.js';

describe('Processes', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const start = (servers: Record<string, unknown>) =>
    testGateway(servers, cleanups, { gracePeriodMs: 50 * G });
  const lines = async (file: string): Promise<string[]> =>
    (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');

  it('a server is asked to end by the end of its input, and has time to finish', async () => {
    const stopLog = join(await temporaryFolder(cleanups), 'stops');
    const { gateway } = await start({ s: scriptedServer({ stopLog, lingerMs: G }) });
    await gateway.listTools();
    await gateway.dispose();
    assert.deepEqual(await lines(stopLog), ['input ended', 'done']);
  });

  it('a server that does not is asked by SIGTERM, and then killed', async function () {
    if (process.platform === 'win32') this.skip();
    const stopLog = join(await temporaryFolder(cleanups), 'stops');
    const { gateway } = await start({ s: scriptedServer({ stopLog, stubborn: true, tools: ['pid'] }) });
    const pid = Number((await gateway.callTool('s__pid', {})).content[0]?.text);
    await gateway.dispose();
    assert.deepEqual(await lines(stopLog), ['input ended', 'done', 'SIGTERM']);
    assert.equal(isAlive(pid), false);
  });

  it('a server whose start is overtaken before its turn to be started is not started', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
    const { gateway, lines: log } = await start(
      Object.fromEntries(names.map((name) => [name, scriptedServer({})])),
    );
    const listed = gateway.listTools().catch(() => undefined);
    while (!log.some((line) => line.includes('Started process'))) await new Promise(setImmediate);
    await gateway.dispose();
    await listed;
    const started = log.length;
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    assert.deepEqual(log.slice(started), []);
    const pids = log.flatMap((line) => /Started process (\d+)/.exec(line)?.[1] ?? []).map(Number);
    assert.ok(pids.length < names.length, `${pids.length} were started`);
    assert.deepEqual(pids.filter(isAlive), []);
  });

  it('a command that is not found is told together with the PATH that was searched', async () => {
    const { gateway, lines: log } = await start({
      bare: { command: 'no-such-command-here', env: { PATH: '/own/bin' } },
      full: { command: '/no/such/command' },
    });
    const { omitted } = await gateway.listTools();
    const [bare, full] = ['bare', 'full'].map((id) => omitted.find(({ server }) => server === id)?.message);
    assert.match(
      bare ?? '',
      /^The command "no-such-command-here" was not found on the PATH, which its log shows/,
    );
    assert.match(
      full ?? '',
      /^The command "\/no\/such\/command" was not found. Install it, or correct "command"/,
    );
    assert.ok(log.some((line) => /^bare error .*The PATH that was searched: \/own\/bin:/.test(line)));
    assert.ok(!log.some((line) => line.startsWith('full error') && line.includes('PATH')));
  });

  it('BoundedEverything: a flood on stderr is logged in part, and its last lines are in the failure', async () => {
    const stderr = Array.from({ length: 3000 }, (_, index) => `line ${index}`).join('\n');
    const { gateway, lines: log } = await start({ s: scriptedServer({ exit: 9, stderr }) });
    const { omitted } = await gateway.listTools();
    assert.match(omitted[0]?.message ?? '', /exit code 9.*line 2990\n.*line 2999$/s);
    assert.doesNotMatch(omitted[0]?.message ?? '', /line 2989\n/);
    assert.equal(log.filter((line) => line.startsWith('s info [stderr]')).length, 500);
    assert.equal(log.filter((line) => line.startsWith('s warn stderr: too many lines')).length, 1);
  });

  it('BoundedEverything: garbage on stdout is skipped and logged in part', async () => {
    const stdout = Array.from({ length: 3000 }, (_, index) => `line ${index}`).join('\n');
    const { gateway, lines: log } = await start({ s: scriptedServer({ stdout }) });
    assert.equal((await gateway.callTool('s__echo', {})).content.length, 1);
    assert.equal(log.filter((line) => line.startsWith('s warn Skipped a line on stdout')).length, 20);
    assert.equal(log.filter((line) => line.startsWith('s warn stdout: too many lines')).length, 1);
  });

  it('a group of which only a zombie is left does not live', async function () {
    if (process.platform !== 'linux') this.skip();
    // It stands still and takes no note of the child's end.
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const { pid } = require('node:child_process').spawn('true', { stdio: 'ignore', detached: true });
         require('node:fs').writeSync(1, String(pid));
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    cleanups.push(() => Promise.resolve(parent.kill('SIGKILL')));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(line.toString('utf8'));
    await until(() => !isAlive(zombie), 'it is a zombie');
    process.kill(-zombie, 0);
    const living = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    cleanups.push(() => Promise.resolve(living.kill('SIGKILL')));
    const groups = await liveGroups();
    assert.deepEqual(
      [zombie, living.pid!].map((pid) => groups?.has(pid)),
      [false, true],
    );
  });
});
