import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  G,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
} from '../../support/gateway.js';
import { testEndpoint, textOf } from '../../support/endpoint.js';

describe('A list that fails', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const requests = async (heard: string, method: string): Promise<number> =>
    (await readFile(heard, 'utf8'))
      .split('\n')
      .filter((line) => line !== '' && (JSON.parse(line) as { method: string }).method === method).length;

  it('is an omission of its kind; the rest is served, and the kind comes later without a restart', async () => {
    const folder = await temporaryFolder(cleanups);
    const [spawnLog, moodFile, heard] = ['spawns', 'mood.json', 'heard'].map((name) => join(folder, name));
    await writeFile(moodFile!, JSON.stringify({ fail: ['resources/list'] }));
    const { gateway } = await testGateway(
      { s: scriptedServer({ resources: 3, prompts: 2, spawnLog, moodFile, heard }) },
      cleanups,
      { gracePeriodMs: 50 * G, tuning: { backoffBaseMs: 50 } },
    );
    const tools = await gateway.listTools();
    assert.equal(tools.items.length, 5);
    assert.deepEqual([tools.omitted, tools.stale], [[], []]);
    assert.equal((await gateway.listPrompts()).items.length, 2);
    assert.equal((await gateway.listResourceTemplates()).items.length, 1);
    const resources = await gateway.listResources();
    assert.deepEqual([resources.items, resources.stale], [[], []]);
    assert.deepEqual(
      resources.omitted.map(({ server, kind, reason }) => ({ server, kind, reason })),
      [{ server: 's', kind: 'resources', reason: 'failed' }],
    );
    assert.match(resources.omitted[0]!.message, /resources could not be listed.*resources\/list is broken/);

    await until(async () => (await requests(heard!, 'resources/list')) >= 3, 'it was asked again');
    await writeFile(moodFile!, '{}');
    await until(async () => (await gateway.listResources()).items.length === 3, 'the resources are there');
    assert.deepEqual((await gateway.listResources()).omitted, []);
    assert.equal(await requests(heard!, 'tools/list'), 1, 'nothing else was listed again');
    assert.equal((await spawns(spawnLog!)).length, 1);
  });

  it('is read again at once when the server tells of a change', async () => {
    const folder = await temporaryFolder(cleanups);
    const moodFile = join(folder, 'mood.json');
    await writeFile(moodFile, JSON.stringify({ fail: ['prompts/list'] }));
    const { gateway } = await testGateway({ s: scriptedServer({ prompts: 2, moodFile }) }, cleanups, {
      gracePeriodMs: 50 * G,
      tuning: { backoffBaseMs: 1000 * G },
    });
    assert.equal((await gateway.listPrompts()).omitted.length, 1);
    await writeFile(moodFile, '{}');
    // Which is announced with list_changed.
    await gateway.callTool('s__add-tool', { name: 'more' });
    await until(async () => (await gateway.listPrompts()).items.length === 2, 'the prompts are there');
  });

  it('may hang: the rest is there when the time to connect is over', async () => {
    const connectMs = 3 * G;
    const { gateway } = await testGateway(
      { s: scriptedServer({ resources: 2, hang: ['resources/list'] }, { timeouts: { connectMs } }) },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    assert.equal((await gateway.listTools()).items.length, 5);
    assert.match((await gateway.listResources()).omitted[0]!.message, /within \d+ ms/);
    assert.equal(gateway.servers()[0]?.phase, 'live');
  });

  it('lets calls through when it is the list of tools, under the own name and the public one', async () => {
    const server = scriptedServer({ prompts: 1, fail: ['tools/list'] }, { tools: { exclude: ['set'] } });
    const { gateway, connect } = await testEndpoint({ s: server }, cleanups);
    const tools = await gateway.listTools();
    assert.deepEqual(
      tools.omitted.map(({ server: of, kind, reason }) => ({ server: of, kind, reason })),
      [{ server: 's', kind: 'tools', reason: 'failed' }],
    );
    const one = await connect('s');
    const listed = await one.request('tools/list');
    assert.deepEqual(
      ((listed._meta as Record<string, unknown>)['mcp-tool-gateway/omitted'] as { kind: string }[])[0]?.kind,
      'tools',
    );
    const call = (name: string): Record<string, unknown> => ({ name, arguments: { value: 'hello' } });
    assert.match(textOf(await one.request('tools/call', call('echo'))), /hello/);
    const all = await connect();
    assert.match(textOf(await all.request('tools/call', call('s__echo'))), /hello/);
    // What its user hides is not reached this way, and what it does not have it says itself.
    await assert.rejects(one.request('tools/call', call('set')), /no tool named "set"/);
    await assert.rejects(all.request('tools/call', call('s__set')), /no tool named "s__set"/);
  });

  it('is remembered on disk: the rest is listed without a process, the missing kind starts one', async () => {
    const folder = await temporaryFolder(cleanups);
    const [spawnLog, moodFile] = ['spawns', 'mood.json'].map((name) => join(folder, name));
    await writeFile(moodFile!, JSON.stringify({ fail: ['prompts/list'] }));
    const servers = { s: scriptedServer({ prompts: 2, spawnLog, moodFile }) };
    const options = { cacheDir: join(folder, 'cache'), gracePeriodMs: 50 * G };
    const first = await testGateway(servers, cleanups, options);
    assert.equal((await first.gateway.listPrompts()).omitted.length, 1);
    await first.gateway.dispose();

    await writeFile(moodFile!, '{}');
    const { gateway } = await testGateway(servers, cleanups, options);
    assert.equal((await gateway.listTools()).items.length, 5);
    assert.equal(gateway.servers()[0]?.phase, 'idle');
    assert.equal((await spawns(spawnLog!)).length, 1);
    const prompts = await gateway.listPrompts();
    assert.deepEqual([prompts.items.length, prompts.omitted, prompts.stale], [2, [], []]);
    assert.equal((await spawns(spawnLog!)).length, 2);
  });

  it('does not make lists wait once the server is live', async () => {
    const { gateway } = await testGateway(
      { s: scriptedServer({ prompts: 2, fail: ['prompts/list'] }) },
      cleanups,
      { gracePeriodMs: 50 * G, tuning: { backoffBaseMs: 20 } },
    );
    await gateway.listTools();
    const [ms] = await timed(async () => {
      for (let round = 0; round < 20; round++) await gateway.listPrompts();
    });
    assert.ok(ms < 10 * G, `${ms} ms`);
  });
});
