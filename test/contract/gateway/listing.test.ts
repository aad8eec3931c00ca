import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  G,
  median,
  publicServer,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
} from '../../support/gateway.js';

describe('Listing', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('lists real servers: tools, resources, templates and prompts', async () => {
    const folder = await temporaryFolder(cleanups);
    const { gateway } = await testGateway(
      {
        everything: publicServer('everything'),
        filesystem: publicServer('filesystem', folder),
        memory: publicServer('memory'),
      },
      cleanups,
      { gracePeriodMs: 15_000 },
    );
    const tools = await gateway.listTools();
    assert.deepEqual(tools.omitted, []);
    for (const name of ['everything__echo', 'filesystem__read_text_file', 'memory__create_entities'])
      assert.ok(
        tools.items.some((item) => item.name === name),
        name,
      );
    assert.ok((await gateway.listResources()).items.some(({ server }) => server === 'everything'));
    assert.ok((await gateway.listResourceTemplates()).items.length > 0);
    assert.ok((await gateway.listPrompts()).items.length > 0);
    // One of them announces a change right after its start, and is read once more.
    await until(() => gateway.servers().every(({ cacheState }) => cacheState === 'Live'), 'all are live');
    const result = await gateway.callTool('everything__echo', { message: 'hello' });
    assert.match(JSON.stringify(result.content), /hello/);
  });

  it('GraceOncePerEpoch: waits once for a server that never starts, and not again', async () => {
    // Longer than elsewhere, so that a fifth of it is more than what a busy machine adds.
    const grace = 4 * G;
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await testGateway(
      { dead: scriptedServer({ silent: true, spawnLog }), good: scriptedServer() },
      cleanups,
      { gracePeriodMs: grace },
    );
    const [first, listing] = await timed(() => gateway.listTools());
    assert.ok(first <= 1.2 * grace && first >= 0.9 * grace, `first list took ${first} ms`);
    assert.deepEqual(
      listing.omitted.map(({ server, reason }) => ({ server, reason })),
      [{ server: 'dead', reason: 'starting' }],
    );
    assert.ok(listing.items.some(({ name }) => name === 'good__echo'));
    await until(async () => (await spawns(spawnLog)).length > 0, 'its process runs');
    const times: number[] = [];
    for (let round = 2; round <= 10; round++) {
      const [next, again] = await timed(() => gateway.listTools());
      times.push(next);
      assert.equal(again.omitted.length, 1);
    }
    // The median, because a single list may meet the machine's other work.
    assert.ok(
      median(times) < 0.1 * grace && Math.max(...times) < 0.9 * grace,
      `lists 2 to 10 took ${times.join(', ')} ms`,
    );
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('GraceIsParallel: ten dead servers cost one grace', async () => {
    const servers = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`dead${index}`, scriptedServer({ silent: true })]),
    );
    // Long enough that starting ten processes on a busy machine is small beside it.
    const grace = 5 * G;
    const { gateway } = await testGateway(servers, cleanups, { gracePeriodMs: grace });
    const [ms, listing] = await timed(() => gateway.listTools());
    assert.ok(ms <= 1.3 * grace, `${ms} ms`);
    assert.equal(listing.omitted.length, 10);
  });

  it('SingleFlight: consumers at 0, 0.2 G and 0.4 G of one start all get the tools', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const grace = 5 * G;
    const { gateway } = await testGateway(
      { s: scriptedServer({ initDelayMs: 0.5 * grace, spawnLog }) },
      cleanups,
      {
        gracePeriodMs: grace,
      },
    );
    const after = async (ms: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return (await gateway.listTools()).items.length;
    };
    const counts = await Promise.all([after(0), after(0.2 * grace), after(0.4 * grace)]);
    assert.deepEqual(counts, [5, 5, 5]);
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('LateArrivalConverges: what comes late is announced once and is in the next list', async () => {
    const readyFile = join(await temporaryFolder(cleanups), 'ready');
    const { gateway } = await testGateway({ late: scriptedServer({ readyFile }) }, cleanups);
    const changes: unknown[] = [];
    gateway.onDidChangeCatalog((change) => changes.push(change));
    const first = await gateway.listTools();
    assert.deepEqual([first.items.length, first.omitted[0]?.reason], [0, 'starting']);
    await writeFile(readyFile, '');
    await until(() => changes.length > 0, 'the change is announced');
    const second = await gateway.listTools();
    assert.deepEqual([second.items.length, second.omitted], [5, []]);
    assert.deepEqual(changes, [{ server: 'late', kinds: ['tools'] }]);
  });

  it('CacheIsHint: a second gateway lists everything from the cache without a process', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const spawnLog = join(cacheDir, 'spawns');
    const servers = { s: scriptedServer({ spawnLog, resources: 3, prompts: 2 }) };
    const options = { cacheDir, gracePeriodMs: 50 * G };
    const first = await testGateway(servers, cleanups, options);
    const live = await first.gateway.listTools();
    await first.gateway.dispose();
    assert.equal((await spawns(spawnLog)).length, 1);

    const second = await testGateway(servers, cleanups, options);
    const cached = await second.gateway.listTools();
    assert.deepEqual(cached, live);
    assert.equal((await second.gateway.listResources()).items.length, 3);
    assert.equal((await second.gateway.listResourceTemplates()).items.length, 1);
    assert.equal((await second.gateway.listPrompts()).items.length, 2);
    assert.equal(second.gateway.servers()[0]?.cacheState, 'Cached');
    assert.equal((await spawns(spawnLog)).length, 1, 'no process for a list');

    const results = await Promise.all(
      Array.from({ length: 10 }, (_, value) => second.gateway.callTool('s__echo', { value })),
    );
    assert.equal((await spawns(spawnLog)).length, 2, 'ten first calls, one process');
    assert.deepEqual(
      results.map(({ content }) => content[0]?.text),
      Array.from({ length: 10 }, (_, value) => JSON.stringify({ value })),
    );
  });

  it('says why a server whose last known tools are listed did not start', async () => {
    const { gateway, configure } = await testGateway({ s: scriptedServer({ tools: ['old'] }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    await configure({ s: { command: 'no-such-command-anywhere' } }, 50 * G);
    const { items, stale, omitted } = await gateway.listTools();
    assert.deepEqual([items.map(({ name }) => name), stale], [['s__old'], ['s']]);
    assert.deepEqual(
      omitted.map(({ server, reason, kind }) => ({ server, reason, kind })),
      [{ server: 's', reason: 'failed', kind: undefined }],
    );
    assert.match(omitted[0]!.message, /"no-such-command-anywhere" was not found/);
  });

  it('OutdatedWaitsLikeUnknown: slow gives the last known tools as stale, fast the live ones', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const first = await testGateway({ s: scriptedServer({ tools: ['old'] }) }, cleanups, {
      cacheDir,
      gracePeriodMs: 50 * G,
    });
    await first.gateway.listTools();
    await first.gateway.dispose();

    const slow = await testGateway({ s: scriptedServer({ tools: ['new'], silent: true }) }, cleanups, {
      cacheDir,
    });
    const [ms, stale] = await timed(() => slow.gateway.listTools());
    assert.ok(ms >= 0.9 * G && ms <= 1.3 * G, `${ms} ms`);
    assert.deepEqual(
      [stale.items.map(({ name }) => name), stale.stale, stale.omitted],
      [['s__old'], ['s'], []],
    );
    const [again] = await timed(() => slow.gateway.listTools());
    assert.ok(again < 0.1 * G, `${again} ms`);

    const fast = await testGateway({ s: scriptedServer({ tools: ['new'] }) }, cleanups, {
      cacheDir,
      gracePeriodMs: 50 * G,
    });
    const fresh = await fast.gateway.listTools();
    assert.deepEqual([fresh.items.map(({ name }) => name), fresh.stale], [['s__new'], []]);
  });

  it('follows list_changed without being asked', async () => {
    const { gateway } = await testGateway({ s: scriptedServer() }, cleanups, { gracePeriodMs: 50 * G });
    await gateway.listTools();
    await gateway.callTool('s__add-tool', { name: 'fresh' });
    await until(
      async () => (await gateway.listTools()).items.some(({ name }) => name === 's__fresh'),
      'the new tool is listed',
    );
  });

  it('reads all pages', async () => {
    const { gateway } = await testGateway({ s: scriptedServer({ tools: 5000, pageSize: 700 }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    assert.equal((await gateway.listTools()).items.length, 5000);
  });

  it("rejects with the signal's reason while it waits", async () => {
    const { gateway } = await testGateway({ dead: scriptedServer({ silent: true }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    const controller = new AbortController();
    const wait = gateway.listTools(controller.signal);
    setTimeout(() => {
      controller.abort(new Error('stop'));
    }, 20);
    await assert.rejects(wait, /stop/);
  });
});
