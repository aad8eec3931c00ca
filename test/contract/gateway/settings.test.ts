import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  G,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  until,
  isAlive,
} from '../../support/gateway.js';

describe('Changed settings', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('restart exactly the server whose fingerprint changed', async () => {
    const folder = await temporaryFolder(cleanups);
    const logs = { a: join(folder, 'a'), b: join(folder, 'b') };
    const a = scriptedServer({ spawnLog: logs.a });
    const { gateway, configure } = await testGateway(
      { a, b: scriptedServer({ spawnLog: logs.b }) },
      cleanups,
      {
        gracePeriodMs: 50 * G,
      },
    );
    await gateway.listTools();
    await configure({ a, b: scriptedServer({ spawnLog: logs.b, tools: ['other'] }) }, 50 * G);
    const { items } = await gateway.listTools();
    assert.deepEqual(
      items.filter(({ server }) => server === 'b').map(({ name }) => name),
      ['b__other'],
    );
    assert.equal((await spawns(logs.a)).length, 1);
    const [old, fresh] = await spawns(logs.b);
    assert.ok(fresh);
    assert.throws(() => process.kill(Number(old), 0), 'the old process is gone');
  });

  it('restart nothing for a title, a filter, a timeout or a concurrency', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway, configure } = await testGateway({ s: scriptedServer({ spawnLog }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    const changes: unknown[] = [];
    gateway.onDidChangeCatalog((change) => changes.push(change));
    const timeouts = { connectMs: 9000, callMs: 9000, listMs: 9000, drainMs: 9000 };
    const more = { title: 'Named', tools: { include: ['echo'] }, timeouts, maxConcurrency: 7 };
    await configure({ s: scriptedServer({ spawnLog }, more) });
    assert.deepEqual(
      (await gateway.listTools()).items.map(({ name, serverTitle }) => [name, serverTitle]),
      [['s__echo', 'Named']],
    );
    assert.equal(gateway.servers()[0]?.phase, 'live');
    assert.equal((await spawns(spawnLog)).length, 1);
    assert.deepEqual(changes, [{ server: 's', kinds: ['tools'] }]);
  });

  it('end a removed server and its processes, and start an added one', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway, configure } = await testGateway({ gone: scriptedServer({ spawnLog }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    const [pid] = await spawns(spawnLog);
    await configure({ added: scriptedServer() }, 50 * G);
    assert.deepEqual(
      (await gateway.listTools()).items.map(({ server }) => server),
      Array.from({ length: 5 }, () => 'added'),
    );
    await until(() => !isAlive(Number(pid)), 'the removed server has ended');
  });

  it('NoOrphans: dispose ends stubborn servers and what they spawned', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await testGateway(
      { s: scriptedServer({ spawnLog, grandchild: true, stubborn: true }) },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    await gateway.listTools();
    const { readFile } = await import('node:fs/promises');
    const pids = (await readFile(spawnLog, 'utf8')).match(/\d+/g)!.map(Number);
    assert.equal(pids.length, 2);
    await gateway.dispose();
    assert.deepEqual(pids.filter(isAlive), []);
  });

  it('a restart ends the old process before the new one begins', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await testGateway({ s: scriptedServer({ spawnLog }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    await Promise.all([gateway.restart('s'), gateway.restart('s'), gateway.restart('s')]);
    const pids = (await spawns(spawnLog)).map(Number);
    assert.deepEqual(pids.filter(isAlive), pids.slice(-1));
    assert.equal((await gateway.callTool('s__echo', {})).content.length, 1);
  });
});
