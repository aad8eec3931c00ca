import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayErrorCode } from '../../../src/gateway/model/errors.js';
import { isGatewayError } from '../../../src/gateway/model/errors.js';
import {
  G,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
} from '../../support/gateway.js';

const withCode =
  (code: GatewayErrorCode, execution?: 'not-executed' | 'unknown') =>
  (error: unknown): boolean => {
    assert.ok(isGatewayError(error), String(error));
    assert.equal(error.code, code, error.message);
    if (execution) assert.equal(error.details.execution, execution);
    return true;
  };

describe('Calls', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const start = (servers: Record<string, unknown>) =>
    testGateway(servers, cleanups, { gracePeriodMs: 50 * G });

  it('SingleFlight: 50 mixed consumers of a cold server make one process', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await start({ s: scriptedServer({ spawnLog, resources: 1, prompts: 1 }) });
    const consumers: readonly (() => Promise<unknown>)[] = [
      () => gateway.listTools(),
      () => gateway.callTool('s__echo', { value: 1 }),
      () => gateway.listResources(),
      () => gateway.readResource('s', 'test://0'),
      () => gateway.listPrompts(),
      () => gateway.getPrompt('s__p0', {}),
      () => gateway.listResourceTemplates(),
      () => Promise.resolve(gateway.servers()),
      () => gateway.warmUp(),
      () => gateway.refreshAll(),
    ];
    await Promise.all(Array.from({ length: 50 }, (_, index) => consumers[index % consumers.length]!()));
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('gives each of many parallel calls its own answer', async () => {
    const { gateway } = await start({ s: scriptedServer() });
    const values = Array.from({ length: 200 }, (_, index) => index);
    const results = await Promise.all(values.map((value) => gateway.callTool('s__echo', { value })));
    assert.deepEqual(
      results.map(({ content }) => content[0]?.text),
      values.map((value) => JSON.stringify({ value })),
    );
  });

  it('keeps the state of a server between calls', async () => {
    const { gateway } = await start({ s: scriptedServer() });
    await gateway.callTool('s__set', { value: 'kept' });
    assert.equal((await gateway.callTool('s__get', {})).content[0]?.text, '"kept"');
  });

  it('ErrorsAreErrors: an isError result is a result', async () => {
    const { gateway } = await start({ s: scriptedServer({ tools: ['is-error'] }) });
    const result = await gateway.callTool('s__is-error', {});
    assert.equal(result.isError, true);
    assert.equal(result.content[0]?.text, 'no such row');
  });

  it('reports progress, and cancels upstream when the caller stops', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await start({ s: scriptedServer({ spawnLog }) });
    await gateway.listTools();
    const controller = new AbortController();
    const seen: string[] = [];
    const call = gateway.callTool(
      's__sleep',
      { ms: 20_000, progress: true },
      {
        signal: controller.signal,
        onProgress: ({ message }) => {
          seen.push(message ?? '');
          if (seen.length === 3) controller.abort();
        },
      },
    );
    await assert.rejects(call, withCode('cancelled', 'unknown'));
    assert.deepEqual(seen, ['0 ms', '50 ms', '100 ms']);
    await until(async () => (await readFile(spawnLog, 'utf8')).includes('cancelled'), 'the server saw it');
  });

  it('times a call out and says that the outcome is unknown; the server goes on', async () => {
    const { gateway } = await start({ s: scriptedServer({}, { timeouts: { callMs: G } }) });
    await gateway.listTools();
    const [ms] = await timed(() =>
      assert.rejects(gateway.callTool('s__sleep', { ms: 60_000 }), withCode('call-timeout', 'unknown')),
    );
    assert.ok(ms >= 0.9 * G && ms < 5 * G, `${ms} ms`);
    assert.equal((await gateway.callTool('s__echo', {})).content.length, 1);
  });

  it('BoundedEverything: ends a call after ten times its time-out, however much progress it reports', async () => {
    const callMs = G / 2;
    const { gateway } = await start({ s: scriptedServer({}, { timeouts: { callMs } }) });
    await gateway.listTools();
    const call = gateway.callTool('s__sleep', { ms: 60_000, progress: true });
    const [ms] = await timed(() => assert.rejects(call, withCode('call-timeout', 'unknown')));
    assert.ok(ms >= 9 * callMs && ms < 20 * callMs, `${ms} ms`);
  });

  it('FailFastOnDeath: a crash during calls rejects them at once; the next call starts the server again', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await start({ s: scriptedServer({ spawnLog, tools: ['crash', 'sleep', 'echo'] }) });
    await gateway.listTools();
    const sleeping = gateway.callTool('s__sleep', { ms: 60_000 });
    const [ms] = await timed(async () => {
      await Promise.all([
        assert.rejects(sleeping, withCode('connection-lost', 'unknown')),
        assert.rejects(gateway.callTool('s__crash', {}), withCode('connection-lost', 'unknown')),
      ]);
    });
    assert.ok(ms < 1000, `${ms} ms`);
    assert.match(gateway.servers()[0]?.failure?.message ?? '', /exit code 3/);
    assert.equal((await gateway.callTool('s__echo', {})).content.length, 1);
    assert.equal((await spawns(spawnLog)).length, 2);
  });

  it('StubCallConnects: a cached tool that is gone is not run, and the error says so', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const toolsFile = join(cacheDir, 'tools.json');
    const callLog = join(cacheDir, 'calls');
    await writeFile(toolsFile, '["nonce","other"]');
    const servers = { s: scriptedServer({ toolsFile, callLog }) };
    const first = await testGateway(servers, cleanups, { cacheDir, gracePeriodMs: 50 * G });
    await first.gateway.listTools();
    await first.gateway.dispose();

    await writeFile(toolsFile, '["other"]');
    const second = await testGateway(servers, cleanups, { cacheDir, gracePeriodMs: 50 * G });
    assert.equal((await second.gateway.listTools()).items.length, 2);
    const call = second.gateway.callTool('s__nonce', { nonce: 'gone' });
    await assert.rejects(call, withCode('tool-gone', 'not-executed'));
    assert.deepEqual(
      (await second.gateway.listTools()).items.map(({ name }) => name),
      ['s__other'],
    );
    // The server would have run it all the same.
    await second.gateway.callTool('s__other', { nonce: 'other' });
    assert.equal(await readFile(callLog, 'utf8'), 'other\n');
  });

  it('CacheIsHint: a tool that was allowed as read-only is not run when the live one no longer says so', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const toolsFile = join(cacheDir, 'tools.json');
    const def = (readOnlyHint: boolean): object => ({
      name: 'look',
      inputSchema: { type: 'object' },
      annotations: { readOnlyHint },
    });
    const servers = { s: scriptedServer({ toolsFile }) };
    const options = { cacheDir, gracePeriodMs: 50 * G };
    await writeFile(toolsFile, JSON.stringify([def(true)]));
    const first = await testGateway(servers, cleanups, options);
    await first.gateway.listTools();
    await first.gateway.dispose();

    await writeFile(toolsFile, JSON.stringify([def(false)]));
    const { gateway } = await testGateway(servers, cleanups, options);
    const [listed] = (await gateway.listTools()).items;
    assert.equal(listed?.tool.annotations?.readOnlyHint, true);
    await assert.rejects(
      gateway.callTool('s__look', {}, { listed }),
      withCode('tool-changed', 'not-executed'),
    );
    const [fresh] = (await gateway.listTools()).items;
    assert.ok(fresh);
    assert.equal((await gateway.callTool('s__look', {}, { listed: fresh })).content.length, 1);
    await assert.rejects(
      gateway.callTool('s__look', {}, { listed: { ...fresh, fingerprint: 'another' } }),
      withCode('tool-changed', 'not-executed'),
    );
  });

  for (const [what, change] of [
    ['description', { description: 'Deletes a note' }],
    ['input schema', { inputSchema: { type: 'object', properties: { all: { type: 'boolean' } } } }],
    ['output schema', { outputSchema: { type: 'object' } }],
    ['hints', { annotations: { destructiveHint: true } }],
  ] as const)
    it(`CacheIsHint: a tool is not run whose live ${what} is not what was allowed`, async () => {
      const cacheDir = await temporaryFolder(cleanups);
      const toolsFile = join(cacheDir, 'tools.json');
      const callLog = join(cacheDir, 'calls');
      const def = { name: 'note', description: 'Reads a note', inputSchema: { type: 'object' } };
      const servers = { s: scriptedServer({ toolsFile, callLog }) };
      const options = { cacheDir, gracePeriodMs: 50 * G };
      await writeFile(toolsFile, JSON.stringify([def]));
      const first = await testGateway(servers, cleanups, options);
      await first.gateway.listTools();
      await first.gateway.dispose();

      await writeFile(toolsFile, JSON.stringify([{ ...def, ...change }]));
      const { gateway } = await testGateway(servers, cleanups, options);
      const [listed] = (await gateway.listTools()).items;
      assert.ok(listed);
      const call = gateway.callTool('s__note', { nonce: 'n' }, { listed });
      await assert.rejects(call, withCode('tool-changed', 'not-executed'));
      assert.equal(await readFile(callLog, 'utf8').catch(() => ''), '');
      const [fresh] = (await gateway.listTools()).items;
      assert.deepEqual(fresh?.tool, { ...def, ...change });
      // In another order of keys it is the same tool.
      const turned = Object.fromEntries(Object.entries(fresh.tool).reverse()) as typeof fresh.tool;
      await gateway.callTool('s__note', { nonce: 'n' }, { listed: { ...fresh, tool: turned } });
    });

  it('isTrustedReadOnly: only what says that it only reads, of a server that is trusted as it is defined', async () => {
    const toolDefs = [
      { name: 'reads', inputSchema: {}, annotations: { readOnlyHint: true } },
      { name: 'both', inputSchema: {}, annotations: { readOnlyHint: true, destructiveHint: true } },
      { name: 'silent', inputSchema: {} },
    ].map((def) => ({ ...def, inputSchema: { type: 'object' } }));
    const { gateway, config } = await start({
      good: scriptedServer({ toolDefs }),
      other: scriptedServer({ toolDefs }),
    });
    const trusted = async (): Promise<string[]> =>
      (await gateway.listTools()).items.filter(gateway.isTrustedReadOnly).map(({ name }) => name);
    assert.deepEqual(await trusted(), []);
    const [before] = (await gateway.listTools()).items;
    assert.ok(before);
    const trustsReadOnly = ({ id }: { id: string }): boolean => id === 'good';
    gateway.configure(config, { gracePeriodMs: 50 * G, idleStopMs: 0, trustsReadOnly });
    assert.deepEqual(await trusted(), ['good__reads']);
    assert.equal(gateway.isTrustedReadOnly({ ...before, fingerprint: 'another' }), false);
    assert.equal(gateway.isTrustedReadOnly({ ...before, server: 'gone' }), false);
  });

  it('starts only the server that a called name points at', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway } = await start({
      s: scriptedServer(),
      other: scriptedServer({ spawnLog }),
      dead: scriptedServer({ silent: true }),
    });
    const [ms] = await timed(() => gateway.callTool('s__echo', {}));
    assert.ok(ms < 25 * G, `${ms} ms`);
    assert.equal((await spawns(spawnLog)).length, 0);
  });

  it('refuses arguments that do not fit when it is asked to', async () => {
    const toolDefs = [
      {
        name: 'echo',
        inputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
      },
    ];
    const { gateway } = await start({ s: scriptedServer({ toolDefs }) });
    await assert.rejects(
      gateway.callTool('s__echo', {}, { checkArguments: true }),
      withCode('invalid-arguments', 'not-executed'),
    );
    assert.equal((await gateway.callTool('s__echo', { n: 1 }, { checkArguments: true })).content.length, 1);
    assert.equal((await gateway.callTool('s__echo', {})).content.length, 1);
  });

  it('names the nearest tools for an unknown name', async () => {
    const { gateway } = await start({ s: scriptedServer() });
    await assert.rejects(gateway.callTool('s__ecko', {}), (error) => {
      withCode('unknown-name', 'not-executed')(error);
      assert.match((error as Error).message, /s__echo/);
      return true;
    });
    await assert.rejects(gateway.readResource('x', 'test://0'), withCode('unknown-name'));
    await assert.rejects(gateway.getPrompt('s__nope', {}), withCode('unknown-name'));
  });

  it('a call to a server that could not be started says why', async () => {
    const { gateway } = await start({ bad: scriptedServer({ exit: 7, stderr: 'no database' }) });
    await assert.rejects(gateway.callTool('bad__echo', {}), (error) => {
      withCode('server-unavailable', 'not-executed')(error);
      assert.match((error as Error).message, /exit code 7.*no database/s);
      return true;
    });
  });

  it('hands on what the server says beside a result: errors, structured content, resources, prompts', async () => {
    const { gateway } = await start({
      s: scriptedServer({ tools: ['structured'], resources: 1, prompts: 1 }),
      broken: scriptedServer({ tools: ['echo'], fail: ['tools/call'] }),
    });
    assert.deepEqual((await gateway.callTool('s__structured', {})).structuredContent, { answer: 42 });
    assert.equal((await gateway.readResource('s', 'test://0')).contents[0]?.text, 'text of test://0');
    assert.equal((await gateway.getPrompt('s__p0', {})).messages[0]?.content.text, 'prompt p0');
    await assert.rejects(gateway.callTool('broken__echo', {}), (error) => {
      withCode('server-error')(error);
      assert.ok(isGatewayError(error));
      assert.equal(error.details.rpc?.code, -32000);
      return true;
    });
  });

  it('hides and refuses filtered tools', async () => {
    const { gateway } = await start({
      s: scriptedServer({}, { tools: { include: ['e*', 's*'], exclude: ['set'] } }),
    });
    assert.deepEqual(
      (await gateway.listTools()).items.map(({ name }) => name),
      ['s__echo', 's__sleep'],
    );
    await assert.rejects(gateway.callTool('s__set', {}), withCode('unknown-name', 'not-executed'));
  });

  it('refuses everything after dispose, and cuts what is open', async () => {
    const { gateway } = await start({ s: scriptedServer() });
    await gateway.listTools();
    let begun = false;
    const open = gateway.callTool(
      's__sleep',
      { ms: 60_000, progress: true },
      { onProgress: () => (begun = true) },
    );
    await until(() => begun, 'the call runs');
    await Promise.all([assert.rejects(open, withCode('connection-lost')), gateway.dispose()]);
    await assert.rejects(gateway.listTools(), withCode('disposed'));
  });

  it('says of a list that dispose overtakes that it is disposed, not that there is nothing', async () => {
    const { gateway } = await start({ s: scriptedServer({ silent: true }) });
    const listing = gateway.listTools();
    await until(() => gateway.servers()[0]?.phase === 'starting', 'the list waits');
    await Promise.all([assert.rejects(listing, withCode('disposed')), gateway.dispose()]);
  });
});
