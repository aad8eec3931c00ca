import assert from 'node:assert/strict';
import type { CallOptions } from '../../../src/gateway/api.js';
import { DEFAULT_TUNING } from '../../../src/gateway/model/tuning.js';
import { G, scriptedServer, testGateway } from '../../support/gateway.js';
import { BOMBS } from '../../support/hostileSchemas.js';
import { watchLag } from '../../support/lag.js';

const CHECK_MS = DEFAULT_TUNING.checkMs;

describe('Schemas of hostile servers', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const CHECKED: CallOptions = { checkArguments: true };

  for (const [what, { schema, args }] of Object.entries(BOMBS))
    it(`a bomb (${what}) costs its own call the deadline of a check, and others nothing`, async () => {
      const good = { name: 'echo', inputSchema: { type: 'object', required: ['n'] } };
      const { gateway, lines } = await testGateway(
        {
          evil: scriptedServer({ toolDefs: [{ name: 'echo', inputSchema: { type: 'object', ...schema } }] }),
          good: scriptedServer({ toolDefs: [good] }),
        },
        cleanups,
        { gracePeriodMs: 50 * G },
      );
      await gateway.listTools();
      await assert.rejects(gateway.callTool('good__echo', {}, CHECKED), { code: 'invalid-arguments' });
      const lag = watchLag();
      // Also when an assertion fails before, or the run does not end.
      cleanups.push(() => Promise.resolve(lag.stop()));
      const state = { pending: true };
      const started = performance.now();
      const bomb = gateway.callTool('evil__echo', args, CHECKED).finally(() => (state.pending = false));
      let meanwhile = 0;
      while (state.pending) {
        await gateway.callTool('good__echo', { n: 1 });
        // How many there are is the machine's; that one ends before the bomb does is the gateway's.
        meanwhile += Number(state.pending);
      }
      // The server judges.
      assert.equal((await bomb).isError, undefined);
      assert.ok(performance.now() - started < 10 * CHECK_MS, `${performance.now() - started} ms`);
      assert.ok(meanwhile > 0, 'calls of others go on');
      assert.ok(lag.stop().workedMs < CHECK_MS);
      const skipped = (): string[] => lines.filter((line) => line.includes('were not checked'));
      assert.equal(skipped().length, 1, lines.join('\n'));
      // Not tried again, and the good server's calls are checked as before.
      const again = performance.now();
      await gateway.callTool('evil__echo', args, CHECKED);
      await assert.rejects(gateway.callTool('good__echo', {}, CHECKED), { code: 'invalid-arguments' });
      assert.ok(performance.now() - again < 5 * CHECK_MS, `${performance.now() - again} ms`);
      assert.equal(skipped().length, 1);
    });
});
