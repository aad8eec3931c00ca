import assert from 'node:assert/strict';
import type { Gateway } from '../../../src/gateway/api.js';
import { G, scriptedServer, testGateway, timed, type TestGateway } from '../../support/gateway.js';

/** Long enough that a busy machine's pauses are small beside a tenth of it. */
const GRACE = 3 * G;

const dead = (id: string): Record<string, unknown> => ({ dead: scriptedServer({ silent: true, id }) });

/** What begins a new epoch for the dead server. */
const CAUSES: readonly (readonly [string, (test: TestGateway) => Promise<unknown> | undefined])[] = [
  ['a changed definition', ({ configure }) => configure(dead('changed'))],
  ['a reset of its cache', ({ gateway }) => gateway.resetCache('dead')],
  ['a reset of all caches', ({ gateway }) => gateway.resetCache()],
  ['an explicit restart', ({ gateway }) => void gateway.restart('dead').catch(() => undefined)],
];

describe('GraceOncePerEpoch', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Milliseconds of one list of each kind, one after another. */
  async function timesOf(gateway: Gateway): Promise<[first: number, later: number]> {
    const times: number[] = [];
    for (const list of ['listResources', 'listTools', 'listPrompts', 'listResourceTemplates'] as const)
      times.push((await timed<unknown>(() => gateway[list]()))[0]);
    const [first, ...rest] = times;
    return [first!, rest.sort((a, b) => a - b)[1]!];
  }

  async function waitsOnce(gateway: Gateway): Promise<void> {
    const [first, later] = await timesOf(gateway);
    // Nearer to one grace than to two, with room for a machine that is busy with the rest of the suite.
    assert.ok(first >= 0.9 * GRACE && first <= 1.7 * GRACE, `the first list took ${first} ms`);
    assert.ok(later < 0.1 * GRACE, `the median of those after it took ${later} ms`);
  }

  for (const [what, cause] of CAUSES)
    it(`${what} grants exactly one fresh grace, which all kinds of lists share`, async () => {
      const test = await testGateway(dead('first'), cleanups, { gracePeriodMs: GRACE });
      await waitsOnce(test.gateway);
      await cause(test);
      await waitsOnce(test.gateway);
    });
});
