import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Inventory } from '../../../src/cli/commands/list.js';
import type { Gateway } from '../../../src/gateway/api.js';
import { comesFromInside, WITHIN_VARIABLE } from '../../../src/gateway/model/lineage.js';
import { startScriptedHttp, type ScriptedHttp } from '../../fixtures/servers/scripted/http.mjs';
import { buildCli, runCli, writeConfig } from '../../support/cli.js';
import { G, scriptedServer, spawns, temporaryFolder, testGateway } from '../../support/gateway.js';

type Servers = Record<string, Record<string, unknown>>;

/** What the listing says of each server that is left out, and the servers that are in it. */
async function outcome(gateway: Gateway): Promise<{ refused: [string, string][]; listed: string[] }> {
  const { items, omitted } = await gateway.listTools();
  for (const { server, reason, message } of omitted) {
    assert.deepEqual([server, reason], [server, 'failed'], message);
    assert.match(message, /the gateway itself\. Remove it from mcpGateway\.servers\./);
  }
  const codes = new Map(gateway.servers().map(({ id, failure }) => [id, failure?.code ?? 'none']));
  return {
    refused: omitted.map(({ server }) => [server, codes.get(server)!]),
    listed: [...new Set(items.map(({ server }) => server))],
  };
}

const allRefused = (servers: object): [string, string][] => Object.keys(servers).map((id) => [id, 'self']);

describe('AcyclicOrBounded: the gateway as its own server', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  describe('over HTTP', () => {
    /** Stands where the gateway's endpoint listens; it would answer like any server. */
    let endpoint: ScriptedHttp;
    let neighbour: ScriptedHttp;
    beforeEach(async () => {
      endpoint = await startScriptedHttp();
      neighbour = await startScriptedHttp();
      cleanups.push(endpoint.close, neighbour.close);
    });

    const start = (servers: Servers, self: object = { addresses: () => [new URL(endpoint.url)] }) =>
      testGateway({ ...servers, neighbour: { url: neighbour.url }, pipe: scriptedServer() }, cleanups, {
        gracePeriodMs: 50 * G,
        self,
      });

    const interfaces = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      // A link-local address needs a zone, which no URL can have.
      .filter(({ address }) => !address.startsWith('fe80:'))
      .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
    const hosts = [
      ...['127.0.0.1', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '127.0.0.1.', '127.8.9.10', '0.0.0.0'],
      ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
      ...['localhost', 'LocalHost', 'localhost.', 'gateway.localhost', hostname()],
      ...interfaces,
    ];

    it('is refused at its own address in every spelling, before a byte is sent; the others are listed', async () => {
      const { port } = new URL(endpoint.url);
      const urls = hosts.map((host) => `http://${host}:${port}/mcp?x=1#y`);
      const servers = Object.fromEntries([
        ...urls.map((url, index) => [`own-${index}`, { url }]),
        ['sse', { type: 'sse', url: `http://localhost:${port}/sse` }],
        ['https', { url: `https://127.0.0.1:${port}/` }],
      ]) as Servers;
      const { gateway } = await start(servers);
      const { refused, listed } = await outcome(gateway);
      assert.deepEqual(refused, allRefused(servers), hosts.join(' '));
      assert.deepEqual(listed, ['neighbour', 'pipe']);
      assert.equal(endpoint.state.sessionsBegun, 0);
      await assert.rejects(gateway.restart('own-0'), { code: 'server-unavailable' });
    });

    it('is a server like any other where nothing of the gateway listens', async () => {
      const { gateway } = await start({ web: { url: endpoint.url } }, { addresses: () => [] });
      assert.deepEqual(await outcome(gateway), { refused: [], listed: ['web', 'neighbour', 'pipe'] });
    });

    it('is refused through a redirect, of any kind and after others; nothing arrives at it', async () => {
      let redirected = 0;
      const redirector = createServer((request, response) => {
        const [, status = '', hops = '0'] = /^\/(\d+)\/(\d)/.exec(request.url ?? '') ?? [];
        const location =
          hops === '0' ? endpoint.url.replace('127.0.0.1', 'localhost') : `/${status}/${Number(hops) - 1}`;
        redirected++;
        response.writeHead(Number(status), { location }).end();
      }).listen(0, '127.0.0.1');
      await once(redirector, 'listening');
      cleanups.push(async () => {
        redirector.closeAllConnections();
        redirector.close();
        await once(redirector, 'close');
      });
      const base = `http://127.0.0.1:${(redirector.address() as AddressInfo).port}`;
      const servers: Servers = {
        ...Object.fromEntries(
          [301, 302, 303, 307, 308].map((status) => [`s${status}`, { url: `${base}/${status}/0` }]),
        ),
        hops: { url: `${base}/307/2` },
        sse: { type: 'sse', url: `${base}/302/0` },
        sseHops: { type: 'sse', url: `${base}/308/2` },
      };
      const { gateway } = await start(servers);
      assert.deepEqual(await outcome(gateway), {
        refused: allRefused(servers),
        listed: ['neighbour', 'pipe'],
      });
      assert.equal(redirected, 5 + 3 + 1 + 3, 'each hop is asked for once');
      assert.equal(endpoint.state.sessionsBegun, 0);
    });

    it('is known by what its `initialize` carries where a proxy hides it', async () => {
      const metas: unknown[] = [];
      const proxy = createServer((request, response) => {
        request.setEncoding('utf8').on('data', (body: string) => {
          metas.push((JSON.parse(body) as { params: { _meta: unknown } }).params._meta);
          response.writeHead(500).end();
        });
      }).listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      cleanups.push(async () => {
        proxy.closeAllConnections();
        proxy.close();
        await once(proxy, 'close');
      });
      const [outer, instance] = [randomUUID(), randomUUID()];
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`;
      const { gateway } = await testGateway({ hidden: { url } }, cleanups, {
        gracePeriodMs: 50 * G,
        self: { instance },
        env: { [WITHIN_VARIABLE]: outer },
      });
      await gateway.listTools();
      assert.equal(metas.length, 1);
      for (const gatewayOf of [outer, instance]) assert.ok(comesFromInside([gatewayOf], metas[0]));
      assert.ok(!comesFromInside([randomUUID()], metas[0]));
    });
  });

  describe('by its own command line', () => {
    let folder: string;
    /** Stands for the gateway's program; it would answer like any server. */
    let program: string;
    let spawnLog: string;
    beforeEach(async () => {
      folder = await temporaryFolder(cleanups);
      program = join(folder, 'dist', 'cli.js');
      spawnLog = join(folder, 'spawns');
      for (const name of ['dist', 'bin', 'sub']) await mkdir(join(folder, name));
      const server = pathToFileURL(resolve('test/fixtures/servers/scripted-server.mjs')).href;
      await writeFile(program, `#!${process.execPath}\nvoid import('${server}');\n`, { mode: 0o755 });
    });

    const node = process.execPath;
    const script = { tools: ['env'] };
    const server = (command: string, args: readonly string[], env: object = {}): Record<string, unknown> => ({
      command,
      args,
      cwd: folder,
      env: { SCRIPT: JSON.stringify({ ...script, spawnLog }), ...env },
    });
    const start = (servers: Servers, self: object = { programs: [program] }, env: NodeJS.ProcessEnv = {}) =>
      testGateway({ ...servers, other: scriptedServer() }, cleanups, { gracePeriodMs: 50 * G, self, env });

    it('is refused in every spelling that shows it, without a process; the others are listed', async function () {
      if (process.platform === 'win32') this.skip();
      const bin = join(folder, 'bin', 'mcp-tool-gateway');
      await symlink('../dist/cli.js', bin);
      await symlink(bin, join(folder, 'bin', 'twice.js'));
      await symlink('dist', join(folder, 'linked'));
      await link(program, join(folder, 'hard.js'));
      const path = `${join(folder, 'sub')}${delimiter}${join(folder, 'bin')}`;
      const servers: Servers = {
        absolute: server(node, [program, 'serve']),
        relative: server(node, ['dist/cli.js']),
        winding: server(node, ['./sub/..//dist/./cli.js']),
        other_cwd: { ...server(node, ['../dist/cli.js']), cwd: join(folder, 'sub') },
        without_extension: server(node, ['dist/cli']),
        behind_flags: server(node, ['--no-warnings', '--max-old-space-size=99', program, '--config', 'x']),
        flag_value: server(node, [`--require=${program}`, '-e', '0']),
        file_url: server(node, ['--import', pathToFileURL(program).href, '-e', '0']),
        symlink: server(node, [bin]),
        symlink_twice: server(node, ['bin/twice.js']),
        linked_folder: server(node, ['linked/cli.js']),
        hard_link: server(node, ['hard.js']),
        executable: server(program, []),
        executable_relative: server('./dist/cli.js', []),
        on_its_path: server('mcp-tool-gateway', ['serve'], { PATH: path }),
        relative_path: server('mcp-tool-gateway', ['serve'], { PATH: 'bin' }),
        shell: server('sh', ['-c', `exec "${node}" "${program}" serve`]),
        shell_words: server('sh', ['-c', `cd . && exec ${node} ./dist/cli.js;`]),
      };
      const inherited: Servers = { on_the_path: server('mcp-tool-gateway', ['serve']) };
      const all = { ...servers, ...inherited };
      const { gateway } = await start(all, undefined, {
        PATH: `${path}${delimiter}${process.env.PATH ?? ''}`,
      });
      assert.deepEqual(await outcome(gateway), { refused: allRefused(all), listed: ['other'] });
      await assert.rejects(gateway.restart('absolute'), { code: 'server-unavailable' });
      assert.deepEqual(await spawns(spawnLog), []);
    });

    it('is not what only looks like it: its folder, its neighbour, another program of the same name', async function () {
      if (process.platform === 'win32') this.skip();
      const copy = join(folder, 'bin', 'mcp-tool-gateway');
      await writeFile(copy, `#!/bin/sh\nexec "${node}" "${join(folder, 'sub', 'cli.js')}"\n`, {
        mode: 0o755,
      });
      const scripted = resolve('test/fixtures/servers/scripted-server.mjs');
      await writeFile(join(folder, 'sub', 'cli.js'), `void import('${pathToFileURL(scripted).href}');`);
      const servers: Servers = {
        folder: server(node, [scripted, join(folder, 'dist'), `${program}.map`]),
        same_name: server('mcp-tool-gateway', [], { PATH: join(folder, 'bin') }),
        first_on_path: server('mcp-tool-gateway', [], {
          PATH: [join(folder, 'bin'), join(folder, 'dist')].join(delimiter),
        }),
      };
      await symlink('cli.js', join(folder, 'dist', 'mcp-tool-gateway'));
      const { gateway } = await start(servers);
      assert.deepEqual(await outcome(gateway), { refused: [], listed: [...Object.keys(servers), 'other'] });
    });

    it('is told by its environment where a script hides it, in one process', async () => {
      await writeFile(
        join(folder, 'start.mjs'),
        `await import(${JSON.stringify(pathToFileURL(program).href)});`,
      );
      const [outer, instance] = [randomUUID(), randomUUID()];
      // Neither the settings nor an inherited value can take the name away.
      const servers = { hidden: server(node, ['start.mjs'], { [WITHIN_VARIABLE]: null }) };
      const { gateway } = await start(
        servers,
        { programs: [program], instance },
        { [WITHIN_VARIABLE]: outer },
      );
      const { content } = await gateway.callTool('hidden__env', { name: WITHIN_VARIABLE });
      assert.equal(content[0]?.text, `${outer},${instance}`);
      assert.equal((await spawns(spawnLog)).length, 1);
    });
  });

  describe('on the real command line', function () {
    this.timeout(60_000);
    before(buildCli);

    it('is refused directly and through a link; the rest is listed', async function () {
      if (process.platform === 'win32') this.skip();
      const bin = await temporaryFolder(cleanups);
      await symlink(resolve('dist/cli.js'), join(bin, 'mcp-tool-gateway'));
      const own = {
        direct: { command: process.execPath, args: [resolve('dist/cli.js'), 'list'] },
        linked: { command: 'node', args: ['mcp-tool-gateway', 'list'], cwd: bin },
        extension: { command: process.execPath, args: [resolve('dist/extension.js')] },
      };
      const { args } = await writeConfig({ ...own, good: scriptedServer({ tools: ['echo'] }) }, cleanups);
      const { code, stdout } = await runCli(['list', ...args, '--json', '--grace', String(50 * G)]);
      assert.equal(code, 0);
      const { tools, omitted } = JSON.parse(stdout) as Inventory;
      assert.deepEqual(
        tools.map(({ name }) => name),
        ['good__echo'],
      );
      assert.deepEqual(
        omitted.map(({ server, reason, message }) => [server, reason, message]),
        Object.keys(own).map((id) => [
          id,
          'failed',
          'This is the gateway itself. Remove it from mcpGateway.servers.',
        ]),
      );
    });
  });
});
