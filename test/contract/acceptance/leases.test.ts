import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGatewayError } from '../../../src/gateway/model/errors.js';
import { startScriptedHttp } from '../../fixtures/servers/scripted/http.mjs';
import { G, scriptedServer, spawns, temporaryFolder, testGateway } from '../../support/gateway.js';

describe('Callers that share one connection', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** What was executed, each as often as it was. */
  const executed = async (callLog: string): Promise<string[]> =>
    (await readFile(callLog, 'utf8')).trim().split('\n').sort();

  it('GenerationLease: of 100 parallel calls, with a reconnect at every tenth, each gets its own nonce; no connection closes under one', async () => {
    const folder = await temporaryFolder(cleanups);
    const [spawnLog, callLog] = [join(folder, 'spawns'), join(folder, 'calls')];
    const script = { tools: ['nonce'], spawnLog, callLog, abrupt: true };
    // Nobody waits for a place: all that are not answered yet are at work at the same time.
    const { gateway } = await testGateway({ s: scriptedServer(script, { maxConcurrency: 100 }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    const nonces = Array.from({ length: 100 }, (_, index) => `n${index}`);
    const calls: Promise<unknown>[] = [];
    let reconnects = 0;
    for (const [index, nonce] of nonces.entries()) {
      const ms = Math.round(Math.random() * 2 * G);
      calls.push(gateway.callTool('s__nonce', { nonce, ms }).then(({ content }) => content[0]?.text));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      if (index % 10 === 9) {
        await gateway.restart('s');
        reconnects++;
      }
    }
    assert.deepEqual(await Promise.all(calls), nonces);
    assert.deepEqual(await executed(callLog), [...nonces].sort());
    assert.equal((await spawns(spawnLog)).length, 1 + reconnects);
  });

  for (const over of ['stdio', 'HTTP'] as const)
    for (const [what, tool, ms, code] of [
      ['times out', 'nonce', 60_000, 'call-timeout'],
      ['loses its server', 'crash', 0, 'connection-lost'],
    ] as const)
      it(`AtMostOnceDispatch: a call over ${over} that ${what} after the server acted is executed once, and its outcome is unknown`, async () => {
        const callLog = join(await temporaryFolder(cleanups), 'calls');
        const script = { tools: ['nonce', 'crash'], callLog };
        const timeouts = { callMs: what === 'times out' ? G : 50 * G };
        let server = scriptedServer(script, { timeouts });
        if (over === 'HTTP') {
          const { url, close } = await startScriptedHttp(script);
          cleanups.push(close);
          server = { url, timeouts };
        }
        const { gateway } = await testGateway({ s: server }, cleanups, {
          gracePeriodMs: 50 * G,
          tuning: { backoffBaseMs: 10 },
        });
        await gateway.listTools();
        const error = await gateway
          .callTool(`s__${tool}`, { nonce: 'acted', ms })
          .catch((reason: unknown) => reason);
        assert.ok(isGatewayError(error), String(error));
        assert.deepEqual([error.code, error.details.execution], [code, 'unknown']);
        // A server that is well again would be the one to get it twice.
        if (over === 'stdio') await gateway.callTool('s__nonce', { nonce: 'next' });
        await gateway.dispose();
        assert.deepEqual(await executed(callLog), over === 'stdio' ? ['acted', 'next'] : ['acted']);
      });
});
