import assert from 'node:assert/strict';
import { G, scriptedServer, testGateway, timed } from '../../support/gateway.js';

describe('Discovery', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('AbsenceIsExplained: the first list has what is ready at half of the grace, and names the dead server as starting', async () => {
    // Long enough that starting two processes on a busy machine is small beside it.
    const grace = 5 * G;
    const { gateway } = await testGateway(
      { dead: scriptedServer({ silent: true }), good: scriptedServer({ initDelayMs: 0.5 * grace }) },
      cleanups,
      { gracePeriodMs: grace },
    );
    const [ms, { items, omitted }] = await timed(() => gateway.listTools());
    assert.ok(ms <= 1.2 * grace, `${ms} ms`);
    assert.deepEqual(
      items.map(({ name }) => name),
      ['echo', 'sleep', 'set', 'get', 'add-tool'].map((tool) => `good__${tool}`),
    );
    assert.deepEqual(
      omitted.map(({ server, reason }) => [server, reason]),
      [['dead', 'starting']],
    );
  });
});
