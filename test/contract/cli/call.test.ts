import assert from 'node:assert/strict';
import { createServer as createWebServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { CallToolResult } from '../../../src/gateway/model/results.js';
import { buildCli, runCli, writeConfig } from '../../support/cli.js';
import { G, publicServer, scriptedServer, spawns, temporaryFolder } from '../../support/gateway.js';

const tools = ['echo', 'is-error', 'image', 'structured', 'sleep', 'crash', 'env'];

describe('CLI: call', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('runs a tool of a real server', async () => {
    const { args } = await writeConfig({ everything: publicServer('everything') }, cleanups);
    const { code, stdout, stderr } = await runCli(['call', ...args, 'everything__get-sum', '{"a":2,"b":40}']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout, 'The sum of 2 and 40 is 42.\n');
  });

  const results: [string, string[], string, number, string][] = [
    ['text', ['a__echo', '{"value":"ä"}'], '{"value":"ä"}\n', 0, ''],
    ['no arguments', ['a__echo'], '{}\n', 0, ''],
    ['arguments on standard input', ['a__echo', '-'], '{"value":"in"}\n', 0, '{"value":"in"}'],
    ['an image as one line', ['a__image'], '[image image/png, 70 bytes]\n', 0, ''],
    ['structured content', ['a__structured'], '{\n  "answer": 42\n}\n', 0, ''],
    ["the tool's own error, and exits 1", ['a__is-error'], 'no such row\n', 1, ''],
  ];
  for (const [what, call, expected, exitCode, input] of results)
    it(`prints ${what}`, async () => {
      const { args } = await writeConfig({ a: scriptedServer({ tools }) }, cleanups);
      const { code, stdout, stderr } = await runCli(['call', ...args, ...call], { input });
      assert.deepEqual([stdout, stderr, code], [expected, '', exitCode]);
    });

  it('prints the whole result as JSON, and exits 1 for an error all the same', async () => {
    const { args } = await writeConfig({ a: scriptedServer({ tools }) }, cleanups);
    const { code, stdout } = await runCli(['call', ...args, '--json', 'a__is-error']);
    const expected: CallToolResult = { content: [{ type: 'text', text: 'no such row' }], isError: true };
    assert.deepEqual([JSON.parse(stdout), code], [expected, 1]);
  });

  it('prints a large result whole', async () => {
    const { args } = await writeConfig({ a: scriptedServer({ tools }) }, cleanups);
    const value = 'x'.repeat(5 * 1024 * 1024);
    const { code, stdout } = await runCli(['call', ...args, 'a__echo', '-'], {
      input: JSON.stringify({ value }),
      readAfterMs: 3000,
    });
    assert.deepEqual([code, stdout.length], [0, value.length + '{"value":""}\n'.length]);
  });

  it('FaultIsolation: does not wait for other servers', async () => {
    const { args } = await writeConfig(
      {
        dead: scriptedServer({ silent: true }),
        slow: scriptedServer({ initDelayMs: 20_000 }),
        a: scriptedServer(),
      },
      cleanups,
    );
    const { code, stdout, ms } = await runCli(['call', ...args, '--grace', '20000', 'a__echo']);
    assert.deepEqual([code, stdout], [0, '{}\n']);
    assert.ok(ms < 10_000, `${ms} ms`);
  });

  it('waits for its own server beyond the grace', async () => {
    const { args } = await writeConfig({ a: scriptedServer({ initDelayMs: 5 * G }) }, cleanups);
    const { code, stdout } = await runCli(['call', ...args, '--grace', String(G), 'a__echo']);
    assert.deepEqual([code, stdout], [0, '{}\n']);
  });

  it('answers that there is no such tool within the grace, whatever is dead', async () => {
    const { args } = await writeConfig(
      { dead: scriptedServer({ silent: true }), a: scriptedServer() },
      cleanups,
    );
    const bare = await runCli(['list', ...args, '--grace', '0']);
    const { code, stderr, ms } = await runCli(['call', ...args, '--grace', String(5 * G), 'a__ecko']);
    assert.equal(code, 2);
    assert.match(stderr, /Did you mean a__echo/);
    assert.ok(ms - bare.ms < 10 * G, `${ms} ms`);
  });

  it('starts only the server of a cached tool', async () => {
    const folder = await temporaryFolder(cleanups);
    const logs = [join(folder, 'a'), join(folder, 'b')];
    const { args } = await writeConfig(
      { a: scriptedServer({ spawnLog: logs[0] }), b: scriptedServer({ spawnLog: logs[1] }) },
      cleanups,
    );
    await runCli(['list', ...args]);
    assert.equal((await runCli(['call', ...args, 'b__echo'])).code, 0);
    assert.deepEqual(await Promise.all(logs.map(async (log) => (await spawns(log)).length)), [1, 2]);
  });

  async function address(answer: 'silence' | number | 'html'): Promise<string> {
    const server =
      answer === 'silence'
        ? createServer((socket) => socket.resume())
        : createWebServer((_request, response) => {
            if (answer === 'html')
              response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
            else response.writeHead(answer).end();
          });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }
  const short = { timeouts: { connectMs: 3 * G } };

  const bad: [string, () => Promise<Record<string, unknown>>, RegExp][] = [
    [
      'a command that does not exist',
      () => Promise.resolve({ command: 'no-such-command-here' }),
      /server-unavailable: .*"no-such-command-here" was not found/,
    ],
    [
      'a command that exits at once',
      () => Promise.resolve(scriptedServer({ exit: 4, stderr: 'no database' })),
      /server-unavailable: .*exit code 4.*no database/s,
    ],
    [
      'a command that prints no JSON',
      () => Promise.resolve(scriptedServer({ exit: 0, stdout: 'Usage: me' })),
      /server-unavailable: .*Usage: me/s,
    ],
    [
      'a command that never answers',
      () => Promise.resolve(scriptedServer({ silent: true }, short)),
      /server-unavailable: .*not ready within 900 ms/s,
    ],
    [
      'a URL that refuses',
      async () => {
        const url = await address(200);
        await cleanups.pop()!();
        return { url };
      },
      /server-unavailable: .*ECONNREFUSED/,
    ],
    [
      'a URL that never answers',
      async () => ({ url: await address('silence'), ...short }),
      /server-unavailable: .*not ready within 900 ms/s,
    ],
    [
      'a URL that answers 401',
      async () => ({ url: await address(401) }),
      /server-unavailable: .*401.*"headers"/,
    ],
    ['a URL that answers 404', async () => ({ url: await address(404) }), /server-unavailable: .*404/],
    ['a URL that answers 500', async () => ({ url: await address(500) }), /server-unavailable: .*500/],
    [
      'a URL that answers HTML',
      async () => ({ url: await address('html') }),
      /server-unavailable: .*text\/html/,
    ],
    [
      'a tool that ends its server',
      () => Promise.resolve(scriptedServer({ tools: ['crash', 'echo'] })),
      /connection-lost: /,
    ],
    [
      'a call that takes too long',
      () =>
        Promise.resolve(
          scriptedServer({ tools: ['echo'], hang: ['tools/call'] }, { timeouts: { callMs: G } }),
        ),
      /call-timeout: .*callMs/,
    ],
    [
      'an answer that is an error',
      () => Promise.resolve(scriptedServer({ tools: ['echo'], fail: ['tools/call'] })),
      /server-error: .*-32000/,
    ],
  ];
  for (const [what, definition, message] of bad)
    it(`exits 3 for ${what}; the other server runs`, async () => {
      const { args } = await writeConfig({ bad: await definition(), good: scriptedServer() }, cleanups);
      const tool = what.startsWith('a tool that ends') ? 'bad__crash' : 'bad__echo';
      const [failed, good] = await Promise.all([
        runCli(['call', ...args, tool]),
        runCli(['call', ...args, 'good__echo']),
      ]);
      assert.match(failed.stderr, message);
      assert.deepEqual([failed.code, failed.stdout, good.code, good.stdout], [3, '', 0, '{}\n']);
    });

  const odd: [string, Record<string, unknown>, number][] = [
    [
      'an invalid schema',
      {
        toolDefs: [
          { name: 'odd', inputSchema: { type: 'nonsense' } },
          { name: 'echo', inputSchema: { type: 'object' } },
        ],
      },
      1,
    ],
    [
      'a description of 1 MB',
      {
        toolDefs: [
          { name: 'odd', description: 1_000_000, inputSchema: { type: 'object' } },
          { name: 'echo', inputSchema: { type: 'object' } },
        ],
      },
      1,
    ],
    ['a name that is there twice', { tools: ['echo', 'echo', 'other'] }, 2],
    ['5,000 tools', { tools: 5000 }, 5000],
  ];
  for (const [what, script, least] of odd)
    it(`lists a server with ${what}`, async () => {
      const { args } = await writeConfig({ a: scriptedServer(script) }, cleanups);
      const { code, stdout } = await runCli(['list', ...args, '--json', '--grace', '30000']);
      const { tools, omitted } = JSON.parse(stdout) as { tools: unknown[]; omitted: unknown[] };
      assert.deepEqual([code, omitted], [0, []]);
      assert.ok(tools.length >= least, String(tools.length));
    });
});
