import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Omission } from '../../../src/gateway/model/listing.js';
import {
  badServers,
  failingCalls,
  failingServers,
  oddServers,
  silentServers,
  type BadServer,
} from '../../support/badServers.js';
import {
  G,
  isAlive,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
  type TestGateway,
} from '../../support/gateway.js';

const REASONS: Record<keyof typeof failingServers, RegExp> = {
  'no such command': /"no-such-command-here" was not found on the PATH, which its log shows. Install it/,
  'exits at once': /exit code 4.*cannot open the database/s,
  'exits after the handshake': /exit code 5.*one moment/s,
  'endless pagination': /tools\/list has more than \d+ pages/,
  'the same page for ever': /repeats the same page for ever/,
  'a list that is too large': /more than 16 MiB at once/,
  'a list of a million items': /tools\/list gave more than 10000 items/,
  'HTTP 401': /status 401.*authorization/,
  'HTTP 404': /status 404.*"url"/,
  'HTTP 429': /status 429/,
  'HTTP 500': /status 500/,
  'HTTP 500 after the handshake': /status 500/,
  'HTML instead of MCP': /text\/html instead of MCP/,
};

/** One good server and, beside it, one bad one after the other. */
describe('FaultIsolation: beside a good server', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let good: Record<string, unknown>;
  let goodLog: string;
  let test: TestGateway;
  let bad: BadServer;

  before(async () => {
    goodLog = join(await temporaryFolder(cleanups), 'spawns');
    good = scriptedServer({ spawnLog: goodLog, tools: ['nonce', 'other'] });
    test = await testGateway({ good }, cleanups, { gracePeriodMs: 50 * G });
    assert.equal((await test.gateway.listTools()).items.length, 2);
  });

  after(async () => {
    assert.equal((await spawns(goodLog)).length, 1, 'the good server ran through');
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  afterEach(async () => {
    await test.configure({ good });
    const pids = await bad.pids();
    await until(() => !pids.some(isAlive), 'nothing of the bad server is left', 2000);
    await bad.close();
  });

  /** Adds the server and holds the good one to what it did before. */
  async function add(start: () => Promise<BadServer>, timeouts: object = {}): Promise<readonly Omission[]> {
    bad = await start();
    await test.configure({ good, bad: { ...bad.definition, timeouts } }, G);
    const [ms, { items, omitted }] = await timed(() => test.gateway.listTools());
    assert.ok(ms < 4 * G, `a list took ${ms} ms`);
    assert.equal(items.filter(({ server }) => server === 'good').length, 2);
    await goodAnswers();
    return omitted;
  }

  async function goodAnswers(): Promise<void> {
    const took: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const nonce = `good-${turn}`;
      const [ms, { content }] = await timed(() => test.gateway.callTool('good__nonce', { nonce }));
      assert.equal(content[0]?.text, nonce);
      took.push(ms);
    }
    // The lower quarter, because the machine may be busy with something else; a server that gets in the way is always there.
    const quarter = took.sort((a, b) => a - b)[5]!;
    assert.ok(quarter < 0.2 * G, `the good server's quicker calls took ${quarter} ms`);
  }

  /** Its own tools, not the last known ones of the bad server before it. */
  async function badTools(): Promise<string[]> {
    const { items, stale } = await test.gateway.listTools();
    return stale.includes('bad') ? [] : items.flatMap(({ server, name }) => (server === 'bad' ? [name] : []));
  }

  async function hasOneReason(pattern: RegExp): Promise<void> {
    await until(
      async () => (await test.gateway.listTools()).omitted[0]?.reason === 'failed',
      'it has failed',
      40 * G,
    );
    const { omitted } = await test.gateway.listTools();
    assert.deepEqual(
      omitted.map(({ server, reason }) => [server, reason]),
      [['bad', 'failed']],
    );
    assert.match(omitted[0]!.message, pattern);
    await goodAnswers();
  }

  for (const [name, start] of Object.entries(failingServers))
    it(`AbsenceIsExplained: ${name}`, async () => {
      await add(start);
      await hasOneReason(REASONS[name as keyof typeof failingServers]);
    });

  for (const [name, start] of Object.entries(silentServers))
    it(`AbsenceIsExplained: ${name}`, async () => {
      const omitted = await add(start, { connectMs: 3 * G });
      assert.deepEqual(
        omitted.map(({ server, reason }) => [server, reason]),
        [['bad', 'starting']],
      );
      await hasOneReason(/was not ready within 900 ms.*connectMs/s);
    });

  for (const [name, start] of Object.entries(oddServers))
    it(`works: ${name}`, async () => {
      await add(start);
      await until(async () => (await badTools()).length > 0, 'its tools are listed', 40 * G);
      const tools = await badTools();
      const values = [1, 2, 3, 4];
      const answers = await Promise.all(values.map((value) => test.gateway.callTool(tools[0]!, { value })));
      assert.deepEqual(
        answers.map(({ content }) => content[0]?.text),
        values.map((value) => JSON.stringify({ value })),
      );
      await goodAnswers();
    });

  async function failsFast(tool: string, code: string, message: RegExp): Promise<void> {
    await until(async () => (await badTools()).length > 0, 'its tools are listed', 40 * G);
    const [ms] = await timed(() =>
      assert.rejects(test.gateway.callTool(`bad__${tool}`, {}), { code, message }),
    );
    assert.ok(ms < 1000, `${ms} ms`);
    await goodAnswers();
  }

  for (const [name, tool] of [
    ['exits in a call', 'crash'],
    ['closes its output in a call', 'close-stdout'],
    ['drops the stream of an answer', 'echo'],
  ] as const)
    it(`FailFastOnDeath: ${name}`, async () => {
      await add(failingCalls[name]);
      await failsFast(tool, 'connection-lost', /was lost during the request; whether it acted is not known/);
    });

  it('ErrorsAreErrors: HTTP 429 to calls', async () => {
    await add(failingCalls['HTTP 429 to calls']);
    await failsFast('echo', 'server-error', /status 429. It takes no more requests for now/);
  });

  for (const [name, bytes] of [
    ['100 MB result', 100_000_000],
    ['too large a result with its id last', 20_000_000],
    ['too large a result over HTTP', 20_000_000],
    ['too large a result as JSON over HTTP', 20_000_000],
  ] as const)
    it(`BoundedEverything: ${name} fails its call, not the server`, async () => {
      await add(failingCalls[name]);
      await until(async () => (await badTools()).length > 0, 'its tools are listed', 40 * G);
      const pids = await bad.pids();
      const before = memory();
      let most = 0;
      const watch = setInterval(() => (most = Math.max(most, memory() - before)), 10);
      const big = assert.rejects(test.gateway.callTool('bad__big', { bytes }), {
        code: 'bad-response',
        message: /larger than 16 MiB and was dropped.*Ask it for less/,
      });
      await big.finally(() => {
        clearInterval(watch);
      });
      assert.ok(most < 80_000_000, `it took ${most} bytes of memory`);
      assert.equal((await test.gateway.callTool('bad__echo', { value: 2 })).content[0]?.text, '{"value":2}');
      assert.deepEqual(await bad.pids(), pids, 'the same process goes on');
      await goodAnswers();
    });
});

const memory = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

describe('FaultIsolation: the whole bench at once', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('NoOrphans: a good server is there at once, each bad one has its tools or one reason, nothing is left', async function () {
    this.timeout(200 * G);
    const good = scriptedServer();
    const { gateway, configure } = await testGateway({ good }, cleanups, { gracePeriodMs: 50 * G });
    await gateway.listTools();
    const bench = await Promise.all(
      Object.entries(badServers).map(async ([name, start]) => {
        const bad = await start();
        cleanups.push(bad.close);
        const timeouts = name in silentServers ? { connectMs: 5 * G } : {};
        return { name, bad, definition: { ...bad.definition, timeouts } };
      }),
    );
    await configure(
      { good, ...Object.fromEntries(bench.map(({ name, definition }) => [name, definition])) },
      G,
    );

    const [ms, { items }] = await timed(() => gateway.listTools());
    assert.ok(ms < 4 * G, `the list took ${ms} ms`);
    assert.equal(items.filter(({ server }) => server === 'good').length, 5);
    const [callMs] = await timed(() => gateway.callTool('good__echo', {}));
    assert.ok(callMs < 2 * G, `the call took ${callMs} ms`);

    let omitted: readonly { server: string; reason: string }[] = [];
    const settled = async (): Promise<boolean> => {
      ({ omitted } = await gateway.listTools());
      return omitted.every(({ reason }) => reason === 'failed');
    };
    await until(settled, 'every one has started or failed', 100 * G);
    const never = Object.keys({ ...failingServers, ...silentServers });
    assert.deepEqual(omitted.map(({ server }) => server).sort(), never.sort());

    const pids = (await Promise.all(bench.map(({ bad }) => bad.pids()))).flat();
    assert.ok(pids.length >= bench.length / 2, `${pids.length} processes`);
    const disposed = gateway.dispose();
    await until(() => !pids.some(isAlive), 'nothing is left', 2000);
    await disposed;
  });
});
