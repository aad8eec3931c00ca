import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayError } from '../../../src/gateway/model/errors.js';
import { G, scriptedServer, temporaryFolder, testGateway, timed, until } from '../../support/gateway.js';

describe('Over the pipes of a process', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const start = async (server: Record<string, unknown>) => {
    const { gateway, lines } = await testGateway({ s: server }, cleanups, { gracePeriodMs: 50 * G });
    await gateway.listTools();
    return { gateway, lines };
  };

  it('AtMostOnceDispatch: a call finds its way to the next process while a grandchild still holds the output of the last', async () => {
    const callLog = join(await temporaryFolder(cleanups), 'calls');
    const { command, args, env } = scriptedServer({ tools: ['nonce', 'crash'], callLog });
    const script = 'sleep 60 & exec "$@"';
    const { gateway, lines } = await start({
      command: 'sh',
      args: ['-c', script, 'sh', command, ...(args as string[])],
      env,
    });
    await gateway.callTool('s__nonce', { nonce: 'proof' });
    const crash = gateway.callTool('s__crash', {}).catch((error: unknown) => error);
    await until(() => lines.some((line) => line.includes('exit code 3')), 'it has ended');
    const nonces = ['a', 'b', 'c'];
    const results = await Promise.all(nonces.map((nonce) => gateway.callTool('s__nonce', { nonce })));
    assert.deepEqual(
      results.map(({ content }) => content[0]?.text),
      nonces,
    );
    const { code, details } = (await crash) as GatewayError;
    assert.deepEqual([code, details.execution], ['connection-lost', 'unknown']);
    const executed = (await readFile(callLog, 'utf8')).trim().split('\n');
    assert.deepEqual(executed.sort(), [...nonces, 'proof']);
  });

  it('BoundedEverything: what a server does not read waits for it within bounds; beyond them nothing is sent', async () => {
    const callLog = join(await temporaryFolder(cleanups), 'calls');
    const { gateway } = await start(scriptedServer({ tools: ['deaf', 'nonce'], callLog }));
    await gateway.callTool('s__deaf', {});
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): unknown => warnings.push(message);
    process.on('warning', onWarning);
    cleanups.push(() => Promise.resolve(process.off('warning', onWarning)));

    const COUNT = 30;
    const controller = new AbortController();
    const refused: GatewayError[] = [];
    const nonce = 'x'.repeat(256 * 1024);
    const calls = Array.from({ length: COUNT }, () =>
      gateway
        .callTool('s__nonce', { nonce }, { signal: controller.signal })
        .catch((error: unknown) => refused.push(error as GatewayError)),
    );
    // 4 MiB, what the pipe holds, and one more are taken.
    await until(() => refused.length >= COUNT - 20, 'the rest is refused');
    for (const { code, message, details } of refused) {
      assert.deepEqual([code, details.execution], ['too-busy', 'not-executed']);
      assert.match(message, /does not read/);
    }
    assert.equal(gateway.servers()[0]?.phase, 'live');
    controller.abort();
    await Promise.all(calls);
    assert.deepEqual(warnings, []);
    await gateway.restart('s');
    assert.equal((await gateway.callTool('s__nonce', { nonce: 'after' })).content[0]?.text, 'after');
    assert.equal(await readFile(callLog, 'utf8'), 'after\n');
  });

  it('FailFastOnDeath: a server that closes its input fails what is sent to it', async () => {
    const { gateway } = await start(scriptedServer({ tools: ['close-stdin', 'nonce'] }));
    await gateway.callTool('s__close-stdin', {});
    const [ms] = await timed(() => gateway.callTool('s__nonce', { nonce: 1 }).catch(() => undefined));
    assert.ok(ms < 10 * G, `${ms} ms`);
    assert.equal((await gateway.callTool('s__nonce', { nonce: 2 })).content[0]?.text, '2');
  });
});
