import assert from 'node:assert/strict';
import { isWorse, tableText } from '../../conformance/compare.js';
import { clientScenarios, serverScenarios } from '../../conformance/conformance.js';

/** What version 0.1.16 of the suite has for servers. */
const SCENARIOS = 32;

describe('the conformance suite', function () {
  this.timeout(120_000);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('finds nothing wrong with a server through the gateway that it does not find directly', async () => {
    const rows = await serverScenarios(cleanups);
    assert.equal(rows.length, SCENARIOS, tableText(rows));
    assert.deepEqual(rows.filter(isWorse), [], tableText(rows));
    // A baseline that fails would excuse the gateway.
    assert.deepEqual(
      rows.filter(({ direct }) => direct === 'fail'),
      [],
      tableText(rows),
    );
  });

  it('finds nothing wrong with the gateway as a client', async () => {
    const rows = await clientScenarios();
    assert.deepEqual(
      rows.map(({ gateway }) => gateway),
      rows.map(() => 'pass'),
      tableText(rows),
    );
  });
});
