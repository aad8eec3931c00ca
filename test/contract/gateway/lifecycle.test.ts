import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayError } from '../../../src/gateway/model/errors.js';
import type { CallToolResult } from '../../../src/gateway/model/results.js';
import {
  G,
  isAlive,
  median,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
} from '../../support/gateway.js';

/** Short enough to see many waits in a test, long enough for a process to start in one. */
const BASE = G / 2;

describe('Lifecycle of a server', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  type Options = Parameters<typeof testGateway>[2];
  const start = (servers: Record<string, unknown>, options: Options = {}) =>
    testGateway(servers, cleanups, { gracePeriodMs: 50 * G, ...options });
  const text = ({ content }: CallToolResult): string => String(content[0]?.text);

  /** A server that ends at once for as long as a file is not there. */
  async function moody(): Promise<{
    server: Record<string, unknown>;
    log: string;
    mend: () => Promise<void>;
  }> {
    const folder = await temporaryFolder(cleanups);
    const [log, flag] = [join(folder, 'spawns'), join(folder, 'mended')];
    const script = `echo $$ >> '${log}'; test -e '${flag}' || exit 3; exec "$@"`;
    const { command, args, env } = scriptedServer();
    return {
      server: { command: 'sh', args: ['-c', script, 'sh', command, ...(args as string[])], env },
      log,
      mend: () => writeFile(flag, ''),
    };
  }

  it('BudgetNeedsProof: at most 5 spawns in 10 backoff bases, whoever asks; the others are as quick as without it', async () => {
    const bad = await moody();
    const tuning = { backoffBaseMs: BASE };
    const alone = await start({ good: scriptedServer() });
    const end = performance.now() + 10 * BASE;
    const { gateway } = await start({ good: scriptedServer(), bad: bad.server }, { tuning });
    await Promise.all([alone.gateway.listTools(), gateway.listTools()]);
    const [beside, without]: [number[], number[]] = [[], []];
    while (performance.now() < end) {
      void gateway.listTools();
      void gateway.callTool('bad__echo', {}).catch(() => undefined);
      without.push((await timed(() => alone.gateway.callTool('good__echo', {})))[0]);
      beside.push((await timed(() => gateway.callTool('good__echo', {})))[0]);
      await new Promise((resolve) => setTimeout(resolve, BASE / 20));
    }
    const count = (await spawns(bad.log)).length;
    assert.ok(count >= 2 && count <= 5, `${count} spawns`);
    const [slow, quick] = [median(beside), median(without)];
    // A millisecond for the clock and the two gateways' shared processor.
    assert.ok(slow <= 1.2 * quick + 1, `${slow} ms with, ${quick} ms without`);
  });

  it('BudgetNeedsProof: parks what keeps failing, starts it for no list, and finds by itself that it is well again', async () => {
    const bad = await moody();
    const tuning = { backoffBaseMs: 10, parkAfter: 3, probeMs: 4 * G };
    const { gateway, lines } = await start({ bad: bad.server }, { tuning, gracePeriodMs: G });
    await gateway.listTools();
    await until(() => gateway.servers()[0]?.phase === 'parked', 'it is parked');
    assert.equal((await spawns(bad.log)).length, 3);
    assert.ok(lines.some((line) => /failed 3 times in a row.*Restart it to try at once/.test(line)));
    const [ms, { omitted }] = await timed(() => gateway.listTools());
    assert.ok(ms < G, `${ms} ms`);
    assert.deepEqual(
      omitted.map(({ reason }) => reason),
      ['parked'],
    );
    assert.match(omitted[0]?.message ?? '', /restart it to try at once.*exit code 3/s);
    assert.equal((await spawns(bad.log)).length, 3);
    const changed = new Promise<void>((resolve) =>
      gateway.onDidChangeCatalog(() => {
        resolve();
      }),
    );
    await bad.mend();
    await changed;
    assert.equal((await gateway.listTools()).items.length, 5);
    assert.equal((await spawns(bad.log)).length, 4);
  });

  it('BudgetNeedsProof: a restart by hand and a call start a parked server; the restart at once', async () => {
    for (const how of ['restart', 'call'] as const) {
      const bad = await moody();
      const cacheDir = await temporaryFolder(cleanups);
      await bad.mend();
      const before = await start({ s: bad.server }, { cacheDir });
      await before.gateway.listTools();
      await before.gateway.dispose();
      const broken = { ...bad.server, env: { ...(bad.server.env as object), NEW: '1' } };
      const other = await moody();
      const server = { ...broken, args: other.server.args };
      const tuning = { backoffBaseMs: 10, parkAfter: 1, probeMs: 1000 * G };
      const { gateway } = await start({ s: server }, { cacheDir, tuning });
      assert.deepEqual((await gateway.listTools()).stale, ['s']);
      assert.equal(gateway.servers()[0]?.phase, 'parked');
      await other.mend();
      if (how === 'restart') await gateway.restart('s');
      else assert.equal((await gateway.callTool('s__echo', {})).content.length, 1);
      assert.equal(gateway.servers()[0]?.phase, 'live');
      await gateway.dispose();
    }
  });

  it('BudgetNeedsProof: a server that was good before is started again at once after it died', async () => {
    const { gateway } = await start(
      { s: scriptedServer({ tools: ['echo', 'crash'] }) },
      { tuning: { backoffBaseMs: 100 * G } },
    );
    await gateway.callTool('s__echo', {});
    await assert.rejects(gateway.callTool('s__crash', {}), { code: 'connection-lost' });
    const [ms] = await timed(() => gateway.callTool('s__echo', {}));
    assert.ok(ms < 50 * G, `${ms} ms`);
  });

  it('GenerationLease: a restart lets a call in flight end, while new calls go to the new process', async () => {
    const { gateway } = await start({ s: scriptedServer({ tools: ['sleep', 'pid'] }) });
    const oldPid = Number(text(await gateway.callTool('s__pid', {})));
    let ended = false;
    const call = gateway.callTool('s__sleep', { ms: 4 * G }).finally(() => (ended = true));
    // Once it is under way.
    await gateway.callTool('s__pid', {});
    await gateway.restart('s');
    const newPid = Number(text(await gateway.callTool('s__pid', {})));
    assert.notEqual(newPid, oldPid);
    assert.deepEqual([ended, isAlive(oldPid)], [false, true]);
    assert.equal(text(await call), 'slept');
    await until(() => !isAlive(oldPid), 'the old process has ended');
    assert.ok(isAlive(newPid));
  });

  it('GenerationLease: changed settings and a removal let a call in flight end as well', async () => {
    for (const act of ['change', 'remove'] as const) {
      const tools = ['sleep', 'pid'];
      const { gateway, configure } = await start({ s: scriptedServer({ tools }) });
      const pid = Number(text(await gateway.callTool('s__pid', {})));
      const call = gateway.callTool('s__sleep', { ms: 2 * G });
      // Once it is under way.
      await gateway.callTool('s__pid', {});
      await configure(act === 'remove' ? {} : { s: scriptedServer({ tools, exit: 3 }) }, 50 * G);
      assert.equal(text(await call), 'slept');
      await until(() => !isAlive(pid), 'the old process has ended');
    }
  });

  it('GenerationLease: after the drain deadline a call is cut, and the error says that the outcome is unknown', async () => {
    const { gateway } = await start({ s: { ...scriptedServer(), timeouts: { drainMs: G } } });
    await gateway.listTools();
    const call = gateway.callTool('s__sleep', { ms: 60_000 });
    await gateway.callTool('s__echo', {});
    await gateway.restart('s');
    const error = (await call.catch((reason: unknown) => reason)) as GatewayError;
    assert.deepEqual([error.code, error.details.execution], ['connection-lost', 'unknown']);
  });

  it('pings what nobody uses, and starts anew what does not answer any more', async () => {
    const tuning = { pingMs: G / 3, pingTimeoutMs: G / 3 };
    const servers = {
      deaf: scriptedServer({ hang: ['ping'], tools: ['pid'] }),
      odd: scriptedServer({ fail: ['ping'], tools: ['pid'] }),
    };
    const { gateway } = await start(servers, { tuning });
    const pidOf = async (server: string): Promise<number> =>
      Number(text(await gateway.callTool(`${server}__pid`, {})));
    const [deaf, odd] = await Promise.all([pidOf('deaf'), pidOf('odd')]);
    await until(() => gateway.servers()[0]?.failure?.code === 'unresponsive', 'the deaf one is given up');
    await until(() => !isAlive(deaf), 'its process has ended');
    assert.notEqual(await pidOf('deaf'), deaf);
    assert.equal(await pidOf('odd'), odd);
  });

  it('stops an idle server, lists it from the cache, and starts it again with the next call', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const servers = { s: scriptedServer({ tools: ['sleep', 'pid'], spawnLog }) };
    const { gateway } = await start(servers, { idleStopMs: 2 * G, tuning: { pingMs: G / 3 } });
    assert.equal(text(await gateway.callTool('s__sleep', { ms: 4 * G })), 'slept');
    const pid = Number(text(await gateway.callTool('s__pid', {})));
    assert.equal((await spawns(spawnLog)).length, 1);
    await until(() => !isAlive(pid), 'it is stopped');
    await until(() => gateway.servers()[0]?.phase === 'idle', 'it is idle');
    const [status] = gateway.servers();
    assert.deepEqual([status?.cacheState, status?.failure], ['Cached', undefined]);
    assert.equal((await gateway.listTools()).items.length, 2);
    assert.equal((await spawns(spawnLog)).length, 1);
    assert.notEqual(Number(text(await gateway.callTool('s__pid', {}))), pid);
  });

  it('is not shown as failed for ever after one crash: once its wait is over it only does not run', async () => {
    const { gateway } = await start({ s: scriptedServer({ tools: ['pid'] }) });
    await gateway.listTools();
    process.kill(Number(text(await gateway.callTool('s__pid', {}))), 'SIGKILL');
    await until(() => gateway.servers()[0]?.phase === 'idle', 'it has ended');
    const [status] = gateway.servers();
    assert.equal(status?.cacheState, 'Cached');
    assert.match(status.failure?.message ?? '', /signal SIGKILL/, 'what happened is still told');
    await gateway.callTool('s__pid', {});
    assert.deepEqual([gateway.servers()[0]?.phase, gateway.servers()[0]?.failure], ['live', undefined]);
  });

  it('StubCallConnects: a changed definition is published before the arguments are judged by it', async () => {
    const folder = await temporaryFolder(cleanups);
    const [cacheDir, toolsFile] = [join(folder, 'cache'), join(folder, 'tools.json')];
    const offer = (property: string): Promise<void> =>
      writeFile(
        toolsFile,
        JSON.stringify([
          {
            name: 'echo',
            inputSchema: { type: 'object', properties: { [property]: {} }, required: [property] },
          },
        ]),
      );
    const servers = { s: scriptedServer({ toolsFile }) };
    await offer('old');
    const before = await start(servers, { cacheDir });
    await before.gateway.listTools();
    await before.gateway.dispose();
    await offer('new');
    const { gateway } = await start(servers, { cacheDir });
    assert.deepEqual((await gateway.listTools()).items[0]?.tool.inputSchema.required, ['old']);
    const order: string[] = [];
    gateway.onDidChangeCatalog(() => order.push('published'));
    const error = await gateway.callTool('s__echo', { old: 1 }).catch((reason: unknown) => reason);
    order.push('judged');
    assert.deepEqual(order, ['published', 'judged']);
    assert.equal((error as GatewayError).code, 'invalid-arguments');
    assert.match(String(error), /"new".*has changed; list the tools again/s);
    assert.deepEqual((await gateway.listTools()).items[0]?.tool.inputSchema.required, ['new']);
    assert.equal(text(await gateway.callTool('s__echo', { new: 1 })), '{"new":1}');
  });

  it('BoundedEverything: works on as many calls as maxConcurrency says, the rest wait in order', async () => {
    const { gateway } = await start({ s: scriptedServer({}, { maxConcurrency: 2 }) });
    await gateway.listTools();
    const ended: number[] = [];
    const [ms] = await timed(() =>
      Promise.all(
        [0, 1, 2, 3, 4, 5].map((n) => gateway.callTool('s__sleep', { ms: G }).then(() => ended.push(n))),
      ),
    );
    assert.ok(ms >= 3 * G, `${ms} ms`);
    assert.deepEqual([...ended].sort(), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(
      [new Set(ended.slice(0, 2)), new Set(ended.slice(4))],
      [new Set([0, 1]), new Set([4, 5])],
    );
  });

  it('BudgetNeedsProof: a call that waits for a server that has just failed goes through as soon as that is restarted', async () => {
    const bad = await moody();
    const { gateway } = await start({ s: bad.server }, { tuning: { backoffBaseMs: 100 * G } });
    await gateway.listTools();
    const call = gateway.callTool('s__echo', {});
    await bad.mend();
    const [ms] = await timed(() => Promise.all([call, gateway.restart('s')]));
    assert.ok(ms < 50 * G, `${ms} ms`);
  });

  it('a server that hangs while it is called is given up as well', async () => {
    const tuning = { pingMs: 100 * G, pingTimeoutMs: G / 3 };
    const server = scriptedServer({ hang: ['ping', 'tools/call'] }, { timeouts: { callMs: G / 3 } });
    const { gateway } = await start({ s: server }, { tuning });
    await gateway.listTools();
    const codes = new Set<string>();
    await until(async () => {
      const error = (await gateway
        .callTool('s__echo', {})
        .catch((reason: unknown) => reason)) as GatewayError;
      codes.add(error.code);
      return gateway.servers()[0]?.failure?.code === 'unresponsive';
    }, 'it is given up');
    assert.ok(codes.has('call-timeout'));
  });

  it('CacheIsHint: a cache that never answers holds no call up', async () => {
    const store = { load: () => new Promise<never>(() => undefined), save: nothing, clear: nothing };
    const { gateway } = await start({ s: scriptedServer() }, { store });
    assert.equal(text(await gateway.callTool('s__echo', { a: 1 })), '{"a":1}');
  });

  it('a reset of a live server leaves its catalog in the cache', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const { gateway } = await start({ s: scriptedServer() }, { cacheDir });
    await gateway.listTools();
    await gateway.resetCache('s');
    await gateway.dispose();
    const next = await start({ s: scriptedServer() }, { cacheDir });
    assert.equal((await next.gateway.listTools()).items.length, 5);
    assert.equal(next.gateway.servers()[0]?.cacheState, 'Cached');
  });

  it('calls that wait for a server which is removed are sent away, and those in flight end', async () => {
    const { gateway, configure } = await start({ s: scriptedServer({}, { maxConcurrency: 1 }) });
    await gateway.listTools();
    let progress = 0;
    const onProgress = (): void => {
      progress++;
    };
    const first = gateway.callTool('s__sleep', { ms: 2 * G, progress: true }, { onProgress });
    await until(() => progress > 0, 'it is under way');
    const second = gateway.callTool('s__echo', {});
    await configure({});
    const error = (await second.catch((reason: unknown) => reason)) as GatewayError;
    assert.deepEqual([error.code, error.details.execution], ['server-unavailable', 'not-executed']);
    assert.match(error.message, /removed from the settings/);
    assert.equal(text(await first), 'slept');
  });

  it('NoOrphans: a server that is removed and added again is not started before its old process is gone', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const servers = { s: scriptedServer({ spawnLog, stubborn: true }) };
    const { gateway, configure } = await start(servers);
    await gateway.listTools();
    await configure({});
    await configure(servers, 50 * G);
    await gateway.resetCache();
    await gateway.listTools();
    const pids = (await spawns(spawnLog)).map(Number);
    assert.deepEqual(pids.map(isAlive), [false, true]);
  });

  it('a second dispose waits for the first', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await start({ s: scriptedServer({ spawnLog, stubborn: true }) });
    await gateway.listTools();
    void gateway.dispose();
    await gateway.dispose();
    assert.deepEqual((await spawns(spawnLog)).map(Number).map(isAlive), [false]);
  });

  it('BoundedEverything: a call that finds no room in time was not executed, and says so', async () => {
    const settings = { maxConcurrency: 1, timeouts: { callMs: 2 * G } };
    const { gateway } = await start({ s: scriptedServer({}, settings) });
    await gateway.listTools();
    const first = gateway.callTool('s__sleep', { ms: 5 * G, progress: true });
    const error = (await gateway.callTool('s__echo', {}).catch((reason: unknown) => reason)) as GatewayError;
    assert.deepEqual([error.code, error.details.execution], ['too-busy', 'not-executed']);
    assert.match(error.message, /maxConcurrency/);
    // Its progress bought it the time.
    assert.equal(text(await first), 'slept');
  });
});

const nothing = (): Promise<void> => Promise.resolve();
