import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  median,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
} from '../../support/gateway.js';

/** Milliseconds; what users have. */
const GRACE = 5000;

describe('A cold list of many servers', function () {
  this.timeout(60_000);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const named = (count: number, name: string, script: object): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`${name}${n}`, scriptedServer({ ...script })]),
    );

  it('has all good servers within 1.2 graces, although 20 silent ones were asked for first', async () => {
    const one = await testGateway(named(1, 'good', {}), cleanups, { gracePeriodMs: 60_000 });
    const [startMs] = await timed(() => one.gateway.listTools());
    // Where other processes want the processor too, even 25 starts one after the other may have no more than their part of it.
    const grace = Math.max(GRACE, 25 * startMs);
    const { gateway } = await testGateway(
      { ...named(20, 'silent', { silent: true }), ...named(5, 'good', {}) },
      cleanups,
      { gracePeriodMs: grace },
    );
    const [ms, { items, omitted }] = await timed(() => gateway.listTools());
    assert.equal(items.length, 25);
    assert.ok(omitted.every(({ server, reason }) => server.startsWith('silent') && reason === 'starting'));
    assert.ok(ms <= 1.2 * grace, `${ms} ms of ${grace} ms`);
  });

  it('has some early instead of all late, where they wait for the processors', async () => {
    const busy = 'data:text/javascript,let x = 0; for (let i = 0; i < 1e8; i++) x += i % 7;';
    const entries = Object.entries(named(6 * Math.max(4, availableParallelism()), 'busy', {}));
    const servers = entries.map(([id, server]) => {
      const { args, ...rest } = server as { args: string[] };
      return [id, { ...rest, args: ['--import', busy, ...args] }] as const;
    });
    const { gateway } = await testGateway(Object.fromEntries(servers), cleanups, { gracePeriodMs: 60_000 });
    const readyAt = new Map<string, number>();
    const start = performance.now();
    gateway.onDidChangeServers(() => {
      for (const { id, tools } of gateway.servers())
        if (tools !== undefined && !readyAt.has(id)) readyAt.set(id, performance.now() - start);
    });
    await gateway.listTools();
    await until(() => readyAt.size === servers.length, 'all are ready');
    const times = [...readyAt.values()];
    // A part of the whole, so that it does not matter how fast the machine is. All at once it is about nine tenths.
    const half = median(times) / Math.max(...times);
    assert.ok(half <= 0.75, `half of them were ready after ${half.toFixed(2)} of the time`);
  });

  it('never makes a call wait behind starts that idle', async () => {
    const folder = await temporaryFolder(cleanups);
    const spawnLog = join(folder, 'spawns');
    const { gateway } = await testGateway(
      { ...named(30, 'silent', { silent: true, spawnLog }), good: scriptedServer() },
      cleanups,
      { gracePeriodMs: GRACE },
    );
    const list = gateway.listTools();
    await until(async () => (await spawns(spawnLog)).length > 0, 'the first starts');
    await gateway.request('good', 'tools/call', { name: 'echo', arguments: { value: 1 } });
    const before = (await spawns(spawnLog)).length;
    assert.ok(before < 30, `${before} silent servers were started before it`);
    await list;
  });

  it('begins with those that were quick last time', async () => {
    const folder = await temporaryFolder(cleanups);
    const atOnce = Math.max(4, availableParallelism());
    const servers = (round: string): Record<string, unknown> => ({
      ...named(4 * atOnce, 'slow', { initDelayMs: 1000, round }),
      quick: scriptedServer({ round }),
    });
    const options = { cacheDir: join(folder, 'cache'), gracePeriodMs: 60_000 };
    const first = await testGateway(servers('first'), cleanups, options);
    await first.gateway.listTools();
    await first.gateway.dispose();
    // Changed definitions are started again; how long that takes is known from before.
    const { gateway, lines } = await testGateway(servers('second'), cleanups, options);
    await gateway.listTools();
    const started = lines.filter((line) => line.includes(' Started process '));
    const before = started.findIndex((line) => line.startsWith('quick '));
    assert.ok(before >= 0 && before < atOnce, `${before} slow ones were started before it`);
  });
});
