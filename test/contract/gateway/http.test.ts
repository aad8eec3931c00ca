import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { startScriptedHttp } from '../../fixtures/servers/scripted/http.mjs';
import { G, testGateway, timed, until } from '../../support/gateway.js';

const everything = resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');

describe('Over HTTP', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  /** server-everything on a port of its own; answers the port and how to end it. */
  async function serve(mode: 'streamableHttp' | 'sse'): Promise<{ port: number; kill: () => void }> {
    const port = await freePort();
    const child = spawn(process.execPath, [everything, mode], {
      env: { ...process.env, PORT: String(port) },
      stdio: 'ignore',
    });
    const exit = once(child, 'exit');
    const kill = (): void => void child.kill('SIGKILL');
    cleanups.push(async () => {
      kill();
      await exit;
    });
    await until(
      () =>
        fetch(`http://127.0.0.1:${port}/`).then(
          () => true,
          () => false,
        ),
      'the server listens',
    );
    return { port, kill };
  }

  it('Streamable HTTP: lists, calls, and reports progress', async () => {
    const { port } = await serve('streamableHttp');
    const { gateway } = await testGateway({ web: { url: `http://127.0.0.1:${port}/mcp` } }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    const { items, omitted } = await gateway.listTools();
    assert.deepEqual(omitted, []);
    assert.ok(items.some(({ name }) => name === 'web__echo'));
    const result = await gateway.callTool('web__echo', { message: 'over http' });
    assert.match(String(result.content[0]?.text), /over http/);
    const steps: number[] = [];
    await gateway.callTool(
      'web__trigger-long-running-operation',
      { duration: 0.3, steps: 3 },
      { onProgress: ({ progress }) => steps.push(progress) },
    );
    assert.deepEqual(steps, [1, 2, 3]);
    assert.equal(gateway.servers()[0]?.transport, 'http');
  });

  it('HTTP+SSE: by type, and as the fallback of a URL without one', async () => {
    const { port } = await serve('sse');
    const url = `http://127.0.0.1:${port}/sse`;
    const { gateway } = await testGateway({ old: { type: 'sse', url } }, cleanups, { gracePeriodMs: 50 * G });
    assert.ok((await gateway.listTools()).items.length > 0);
    assert.match(
      String((await gateway.callTool('old__echo', { message: 'over sse' })).content[0]?.text),
      /over sse/,
    );
    // That server has one session at a time.
    await gateway.dispose();
    const other = await testGateway({ any: { url } }, cleanups, { gracePeriodMs: 50 * G });
    assert.deepEqual((await other.gateway.listTools()).omitted, []);
    assert.match(
      String((await other.gateway.callTool('any__echo', { message: 'by fallback' })).content[0]?.text),
      /by fallback/,
    );
  });

  it('FailFastOnDeath: calls in a session that the server has forgotten fail, and the next begins another', async () => {
    const { url, state, close } = await startScriptedHttp({ forgetEvery: 2 });
    cleanups.push(close);
    const { gateway } = await testGateway({ web: { url } }, cleanups, { gracePeriodMs: 50 * G });
    await gateway.listTools();
    const sleeping = gateway.callTool('web__sleep', { ms: 60_000 });
    await gateway.callTool('web__echo', {});
    const [ms] = await timed(() =>
      Promise.all([gateway.callTool('web__echo', {}), assert.rejects(sleeping, { code: 'connection-lost' })]),
    );
    assert.ok(ms < 1000, `${ms} ms`);
    assert.equal(state.sessionsBegun, 2);
  });

  it('GenerationLease: answers that are under way in a forgotten session still arrive', async () => {
    const { url, close } = await startScriptedHttp({ forgetEvery: 2 });
    cleanups.push(close);
    const { gateway } = await testGateway({ web: { url } }, cleanups, { gracePeriodMs: 50 * G });
    await gateway.listTools();
    const sleeping = gateway.callTool('web__sleep', { ms: 0.5 * G });
    await gateway.callTool('web__echo', {});
    await gateway.callTool('web__echo', {});
    assert.equal((await sleeping).content[0]?.text, 'slept');
  });

  it('ErrorsAreErrors: a status of 400 that is not about the session is the answer, and is not asked twice', async () => {
    const { url, state, close } = await startScriptedHttp({ statusFor: { 'tools/call': 400 } });
    cleanups.push(close);
    const { gateway } = await testGateway({ web: { url } }, cleanups, { gracePeriodMs: 50 * G });
    await assert.rejects(gateway.callTool('web__echo', {}), {
      code: 'server-error',
      message: /HTTP status 400/,
    });
    assert.equal(state.sessionsBegun, 1);
  });

  it('a redirect to another place, which is not followed, says what to correct', async () => {
    const server = createHttpServer((_request, response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:9/mcp' }).end(),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    const { gateway } = await testGateway({ web: { url } }, cleanups, { gracePeriodMs: 50 * G });
    const { omitted } = await gateway.listTools();
    assert.match(omitted[0]?.message ?? '', /HTTP status 307\. It is at another address now: correct "url"/);
  });

  it('FailFastOnDeath: a server that ends during a call rejects it at once (SSE)', async () => {
    const { port, kill } = await serve('sse');
    const { gateway } = await testGateway(
      { old: { type: 'sse', url: `http://127.0.0.1:${port}/sse` } },
      cleanups,
      {
        gracePeriodMs: 50 * G,
      },
    );
    await gateway.listTools();
    let begun = false;
    const call = gateway.callTool(
      'old__trigger-long-running-operation',
      { duration: 30, steps: 300 },
      { onProgress: () => (begun = true) },
    );
    await until(() => begun, 'the call runs');
    kill();
    const [ms] = await timed(() => assert.rejects(call, { code: 'connection-lost' }));
    assert.ok(ms < 1000, `${ms} ms`);
  });
});
