import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  G,
  isAlive,
  scriptedServer,
  temporaryFolder,
  testGateway,
  timed,
  until,
} from '../../support/gateway.js';

/** What acceptance allows until nothing is left. */
const LEFT_MS = 2000;
const RESTARTS = 20;

describe('NoOrphans', function () {
  const cleanups: (() => Promise<unknown>)[] = [];
  let spawnLog: string;
  let folder: string;

  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    folder = await temporaryFolder(cleanups);
    spawnLog = join(folder, 'spawns');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Every process that was ever started, grandchildren included; each is ended with the test. */
  async function pids(): Promise<number[]> {
    const all = (await readFile(spawnLog, 'utf8')).match(/\d+/g)!.map(Number);
    cleanups.push(() => {
      for (const pid of all.filter(isAlive)) process.kill(pid, 'SIGKILL');
      return Promise.resolve();
    });
    return all;
  }

  /** A host of these servers, in a process of its own, once all are live. */
  async function startHost(
    servers: Record<string, unknown>,
    restarts = 0,
  ): Promise<(signal: NodeJS.Signals) => void> {
    const host = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', 'test/support/hostProcess.ts'],
        ...[JSON.stringify(servers), join(folder, 'cache'), String(restarts)],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    cleanups.push(() => Promise.resolve(host.kill('SIGKILL')));
    await once(host.stdout, 'data');
    return (signal) => void host.kill(signal);
  }

  const everyKind = (): Record<string, unknown> => ({
    plain: scriptedServer({ spawnLog }),
    stubborn: scriptedServer({ spawnLog, grandchild: true, stubborn: true }),
    deaf: scriptedServer({ spawnLog, grandchild: 'stubborn' }),
    'sets free': scriptedServer({ spawnLog, grandchild: 'detached', stubborn: true }),
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`nothing of the servers is left 2 s after the host was ended by ${signal}`, async () => {
      const end = await startHost(everyKind());
      const all = await pids();
      assert.equal(all.length, 7);
      assert.deepEqual(all.filter(isAlive), all);
      end(signal);
      await until(() => !all.some(isAlive), 'all have ended', LEFT_MS);
    });

  it('nothing of the servers is left 2 s after dispose', async () => {
    const { gateway } = await testGateway(everyKind(), cleanups, { gracePeriodMs: 50 * G });
    await gateway.listTools();
    const all = await pids();
    assert.equal(all.length, 7);
    assert.deepEqual(all.filter(isAlive), all);
    const disposed = gateway.dispose();
    await until(() => !all.some(isAlive), 'all have ended', LEFT_MS);
    const [ms] = await timed(() => disposed);
    assert.ok(ms < 5 * G, `dispose took ${ms} ms more`);
  });

  it(`nothing is left 2 s after dispose of a server with grandchildren that was restarted ${RESTARTS} times`, async function () {
    this.timeout(200 * G);
    const { gateway } = await testGateway({ s: scriptedServer({ spawnLog, grandchild: true }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    for (let turn = 0; turn < RESTARTS; turn++) await gateway.restart('s');
    const all = await pids();
    assert.equal(all.length, 2 * (RESTARTS + 1));
    assert.equal(all.filter(isAlive).length, 2, 'only the last ones live');
    const disposed = gateway.dispose();
    await until(() => !all.some(isAlive), 'all have ended', LEFT_MS);
    await disposed;
  });

  it(`nothing is left 2 s after SIGKILL of a host that restarted such a server ${RESTARTS} times`, async function () {
    this.timeout(200 * G);
    const end = await startHost({ s: scriptedServer({ spawnLog, grandchild: true }) }, RESTARTS);
    const all = await pids();
    assert.equal(all.length, 2 * (RESTARTS + 1));
    end('SIGKILL');
    await until(() => !all.some(isAlive), 'all have ended', LEFT_MS);
  });

  it('a server that ends in good order may leave behind what it has set free', async () => {
    const { gateway } = await testGateway(
      { s: scriptedServer({ spawnLog, grandchild: 'detached' }) },
      cleanups,
      {
        gracePeriodMs: 50 * G,
      },
    );
    await gateway.listTools();
    const [server, grandchild] = await pids();
    await gateway.dispose();
    assert.deepEqual([isAlive(server!), isAlive(grandchild!)], [false, true]);
  });

  it('what a server leaves behind in its group when it crashes ends too', async () => {
    const { gateway } = await testGateway(
      { s: scriptedServer({ spawnLog, grandchild: 'stubborn', tools: ['crash'] }) },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    await gateway.listTools();
    await assert.rejects(gateway.callTool('s__crash', {}), { code: 'connection-lost' });
    const [, grandchild] = await pids();
    await until(() => !isAlive(grandchild!), 'its grandchild has ended', LEFT_MS);
  });
});
