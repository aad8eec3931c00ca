import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startScriptedHttp } from '../../fixtures/servers/scripted/http.mjs';
import { G, scriptedServer, temporaryFolder, testGateway } from '../../support/gateway.js';

describe('The scripted servers', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('answer nonces and log what was executed, over stdio and HTTP, in this process and their own', async () => {
    const folder = await temporaryFolder(cleanups);
    const callLog = join(folder, 'calls');
    const script = { tools: ['nonce', 'echo'], callLog };
    const inProcess = await startScriptedHttp(script);
    cleanups.push(inProcess.close);
    const asJson = await startScriptedHttp({ ...script, json: true });
    cleanups.push(asJson.close);
    const child = spawn(process.execPath, ['test/fixtures/servers/scripted-http-server.mjs'], {
      env: { ...process.env, SCRIPT: JSON.stringify(script) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    cleanups.push(async () => {
      child.kill('SIGKILL');
      await exit;
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const servers = {
      pipe: scriptedServer(script),
      near: { url: inProcess.url },
      json: { url: asJson.url },
      far: { url: line.toString('utf8').trim() },
    };
    const { gateway } = await testGateway(servers, cleanups, { gracePeriodMs: 50 * G });
    const calls = Object.keys(servers).flatMap((server) =>
      [1, 2].map((index) => ({ server, nonce: `${server}-${index}`, ms: index === 1 ? 50 : 0 })),
    );
    const answers = await Promise.all(
      calls.map(({ server, ...args }) => gateway.callTool(`${server}__nonce`, args)),
    );
    assert.deepEqual(
      answers.map(({ content }) => content[0]?.text),
      calls.map(({ nonce }) => nonce),
    );
    await gateway.callTool('far__echo', { nonce: 'echoed' });
    await gateway.callTool('far__echo', {});
    const executed = (await readFile(callLog, 'utf8')).trim().split('\n');
    assert.deepEqual(executed.sort(), [...calls.map(({ nonce }) => nonce), 'echoed'].sort());
    assert.equal(inProcess.state.sessionsBegun, 1);
  });
});
