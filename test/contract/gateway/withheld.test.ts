import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGatewayError } from '../../../src/gateway/model/errors.js';
import type { WithheldServer } from '../../../src/gateway/model/definition.js';
import { G, scriptedServer, spawns, temporaryFolder, testGateway, until } from '../../support/gateway.js';

const unavailable = (error: unknown): boolean => {
  assert.ok(isGatewayError(error), String(error));
  assert.equal(error.code, 'server-unavailable');
  assert.equal(error.details.execution, 'not-executed');
  assert.match(error.message, /^Allow it first\.$/);
  return true;
};

const withheld = (id: string): WithheldServer => ({
  id,
  title: id,
  reason: 'needs-consent',
  message: 'Allow it first.',
});

describe('A server that must not start', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('is started by nothing, is named with its reason, and refuses what is sent to it', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { gateway, config } = await testGateway(
      { good: scriptedServer(), theirs: scriptedServer({ spawnLog, resources: 1 }) },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    const options = { gracePeriodMs: 50 * G, idleStopMs: 0 };
    const definitions = config.definitions.filter(({ id }) => id !== 'theirs');
    gateway.configure({ definitions, problems: [], withheld: [withheld('theirs')] }, options);

    await gateway.warmUp();
    const { items, omitted } = await gateway.listTools();
    assert.ok(items.length > 0 && items.every(({ server }) => server === 'good'));
    const omission = { server: 'theirs', reason: 'needs-consent', message: 'Allow it first.' };
    assert.deepEqual(omitted, [omission]);
    assert.deepEqual((await gateway.listResources(undefined, 'theirs')).omitted, [omission]);
    assert.deepEqual((await gateway.describe('theirs')).omission, omission);
    assert.deepEqual(
      (await gateway.refreshAll()).map(({ server }) => server),
      ['good'],
    );
    assert.equal(gateway.knows('theirs'), true);
    assert.deepEqual(gateway.withheld, [withheld('theirs')]);
    await assert.rejects(gateway.callTool('theirs__echo', {}), unavailable);
    await assert.rejects(gateway.getPrompt('theirs__p', {}), unavailable);
    await assert.rejects(gateway.readResource('theirs', 'test://0'), unavailable);
    await assert.rejects(gateway.request('theirs', 'tools/call', { name: 'echo' }), unavailable);
    await assert.rejects(gateway.restart('theirs'), unavailable);
    await assert.rejects(gateway.resetCache('theirs'), unavailable);
    await gateway.callTool('good__echo', {});
    assert.deepEqual(await spawns(spawnLog), []);

    gateway.configure({ ...config, withheld: [] }, options);
    assert.deepEqual((await gateway.listTools()).omitted, []);
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('is stopped when it must not run any more', async () => {
    const stopLog = join(await temporaryFolder(cleanups), 'stops');
    const { gateway } = await testGateway({ theirs: scriptedServer({ stopLog }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    gateway.configure(
      { definitions: [], problems: [], withheld: [withheld('theirs')] },
      { gracePeriodMs: G, idleStopMs: 0 },
    );
    await until(async () => (await linesOf(stopLog)).length > 0, 'it is stopped');
    await assert.rejects(gateway.callTool('theirs__echo', {}), unavailable);
  });

  it('leaves the one running in whose place it would come', async () => {
    const { gateway, config } = await testGateway({ s: scriptedServer() }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    gateway.configure({ ...config, withheld: [withheld('s')] }, { gracePeriodMs: 50 * G, idleStopMs: 0 });
    const { items, omitted } = await gateway.listTools();
    assert.ok(items.length > 0);
    assert.deepEqual(omitted, []);
    assert.equal((await gateway.callTool('s__echo', {})).isError, undefined);
    assert.deepEqual(gateway.withheld, [withheld('s')]);
  });
});

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
}
