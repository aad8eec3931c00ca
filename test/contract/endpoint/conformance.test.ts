import assert from 'node:assert/strict';
import { compare, isWorse, tableText } from '../../conformance/compare.js';
import {
  CLIENT_SCENARIOS,
  clientScenarios,
  SERVER_COLUMNS,
  serverScenarios,
} from '../../conformance/conformance.js';
import type { Check, Results } from '../../conformance/suite.js';

/** What version 0.1.16 of the suite has for servers. */
const SCENARIOS = 32;

describe('the conformance suite', function () {
  this.timeout(120_000);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('finds nothing wrong with a server, neither directly nor through the gateway', async () => {
    const rows = await serverScenarios(cleanups);
    assert.equal(rows.length, SCENARIOS);
    assert.ok(
      !rows.some(({ verdicts }) => verdicts.includes('fail')),
      `\n${tableText(SERVER_COLUMNS, rows)}`,
    );
  });

  it('finds nothing wrong with the gateway as a client', async () => {
    const rows = await clientScenarios();
    assert.equal(rows.length, CLIENT_SCENARIOS.length);
    assert.ok(
      rows.every(({ verdicts }) => verdicts.includes('pass')),
      `\n${tableText(['gateway'], rows)}`,
    );
  });

  it('would be seen to find something', () => {
    const check = (id: string, status: Check['status']): Check => ({ id, status, description: id });
    const results = (...checks: Check[]): Results => new Map([['scenario', checks]]);
    const good = results(check('a', 'SUCCESS'), check('b', 'SUCCESS'));
    const worse = (gateway: Results): boolean => compare([good, gateway]).some(isWorse);
    assert.equal(worse(good), false);
    assert.equal(worse(results(check('a', 'SUCCESS'), check('b', 'FAILURE'))), true);
    assert.equal(worse(results(check('a', 'SUCCESS'), check('b', 'WARNING'))), true);
    assert.equal(worse(results(check('a', 'SUCCESS'))), true);
    assert.equal(worse(results()), true);
    assert.equal(worse(new Map()), true);
  });
});
