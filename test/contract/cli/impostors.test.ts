import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { buildCli, runCli, writeConfig } from '../../support/cli.js';
import {
  ANNOUNCED_TOKEN,
  announced,
  announcementsIn,
  ConnectClient,
  stateIn,
} from '../../support/connectClient.js';
import { scriptedServer, temporaryFolder, timed, until } from '../../support/gateway.js';
import { proves, relayGateway } from '../../support/relayGateway.js';
import { startServe } from '../../support/serving.js';
import { squat } from '../../support/squatter.js';

const posix = process.platform !== 'win32';
const portOf = (url: string): number => Number(new URL(url).port);
/** What a gateway says that knows no proof. */
const UNAUTHORIZED = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n';
/** Milliseconds that a gateway has for its proof. */
const PROOF_MS = 2000;

describe('CLI: connect, when somebody else is at the other end', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder(cleanups);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** A client that begins a session, and says nothing more. */
  const connecting = (home: string): ReturnType<typeof runCli> => {
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    return runCli(['connect'], { env: stateIn(home), input: `${JSON.stringify(initialize)}\n` });
  };

  const serving = async (more: readonly string[] = []): ReturnType<typeof startServe> => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    return startServe(folder, [...args, ...more], cleanups);
  };

  it('sends nothing to what took the port of a gateway that was killed, and sweeps its announcement away', async () => {
    const { url, token, stop } = await serving();
    await stop('SIGKILL');
    assert.equal((await readdir(announcementsIn(folder))).length, 1);
    const squatter = await squat(cleanups, { at: portOf(url) });
    const { code, stderr } = await connecting(folder);
    assert.ok(!squatter.received().includes(token));
    assert.match(stderr, /No MCP gateway of this user is running/);
    assert.deepEqual([code, squatter.connections()], [3, 0]);
    assert.deepEqual(await readdir(announcementsIn(folder)), []);
  });

  it('shows no token when it comes back to the address of a gateway that was stopped', async function () {
    if (!posix) this.skip();
    const { url, token, stop } = await serving();
    // Without its socket, so that the port is used.
    const elsewhere = await temporaryFolder(cleanups);
    await announced(elsewhere, { url, token }, cleanups);
    const client = new ConnectClient(elsewhere, [], cleanups);
    assert.ok((await client.initialize()).result);
    assert.ok((await client.request(1, 'tools/list')).result);
    client.child.kill('SIGSTOP');
    await stop();
    const squatter = await squat(cleanups, { at: portOf(url), says: UNAUTHORIZED });
    client.child.kill('SIGCONT');
    client.send({ id: 2, method: 'tools/list', params: {} });
    await until(() => squatter.connections() > 0, 'it comes back');
    // It waits for a proof, then looks for another gateway.
    const next = await serving(['--port', '0']);
    await announced(elsewhere, { url: next.url, token: next.token }, cleanups);
    assert.ok((await client.answer(2)).result);
    assert.ok(!squatter.received().includes(token));
    assert.ok(!squatter.received().includes(next.token));
    assert.doesNotMatch(squatter.received(), /authorization|tools\/list|mcp-session-id/i);
  });

  it('sends nothing through somebody who passes the question for a proof on to the real gateway', async () => {
    const real = await serving();
    const squatter = await squat(cleanups, { relayTo: portOf(real.url) });
    const elsewhere = await temporaryFolder(cleanups);
    await announced(elsewhere, { url: `http://127.0.0.1:${squatter.port}/mcp`, token: real.token }, cleanups);
    const { code, stderr } = await connecting(elsewhere);
    assert.ok(!squatter.received().includes(real.token));
    assert.match(squatter.received(), /^POST \/proof /);
    assert.match(
      stderr,
      new RegExp(`Process ${process.pid} announced a gateway, but it was sent nothing\\.`),
    );
    assert.match(stderr, /did not prove that it is your gateway/);
    assert.equal(code, 3);
  });

  for (const [what, says] of [
    ['knows no proof', UNAUTHORIZED],
    ['answers nonsense', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['answers too much', `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n${' '.repeat(100_000)}`],
    ['speaks no HTTP', 'hello\r\n'],
    [
      'answers with a proof of its own',
      `HTTP/1.1 200 OK\r\ncontent-length: 109\r\n\r\n{"nonce":"${'A'.repeat(43)}","proof":"${'A'.repeat(43)}"}`,
    ],
  ] as const)
    it(`sends nothing to what ${what}, and says so`, async () => {
      const squatter = await squat(cleanups, { says });
      await announced(folder, { url: `http://127.0.0.1:${squatter.port}/mcp` }, cleanups);
      const { code, stderr } = await connecting(folder);
      assert.ok(!squatter.received().includes(ANNOUNCED_TOKEN));
      assert.doesNotMatch(squatter.received(), /authorization/i);
      assert.match(stderr, /was sent nothing.*Update it and start it again/s);
      assert.equal(code, 3);
    });

  it('takes no notice of an announcement whose number another process has by now', async function () {
    if (process.platform !== 'linux') this.skip();
    const squatter = await squat(cleanups);
    const directory = announcementsIn(folder);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const name = `${process.pid}-0123456789ab.json`;
    const entry = {
      ...{ url: `http://127.0.0.1:${squatter.port}/mcp`, token: ANNOUNCED_TOKEN, pid: process.pid },
      ...{ startedAt: Date.now(), servers: [], folders: [], host: hostname(), start: '1' },
    };
    await writeFile(join(directory, name), JSON.stringify(entry), { mode: 0o600 });
    const { code } = await connecting(folder);
    assert.deepEqual([code, squatter.connections(), await readdir(directory)], [3, 0, []]);
  });

  describe('over a socket', () => {
    let place: string;
    let path: string;
    beforeEach(async function () {
      if (!posix) this.skip();
      place = join(folder, 's');
      path = join(place, 'gateway');
      await mkdir(place, { mode: 0o700 });
    });

    for (const [what, open] of [
      ['belongs to another user', () => chown(path, 12_345, 12_345)],
      ['is in a folder of another user', () => chown(place, 12_345, 12_345)],
      ['others can write to', () => chmod(path, 0o666)],
      ['is in a folder that others can enter', () => chmod(place, 0o711)],
    ] as const)
      it(`goes past one that ${what}`, async function () {
        if (what.includes('another user') && process.getuid?.() !== 0) this.skip();
        const squatter = await squat(cleanups, { at: path });
        await chmod(path, 0o600);
        await open();
        const gateway = await relayGateway(cleanups, ({ answer }) => {
          answer({ result: {} });
        });
        await announced(folder, { url: gateway.url, socket: path }, cleanups);
        const client = new ConnectClient(folder, [], cleanups);
        assert.ok((await client.initialize()).result);
        assert.equal(squatter.connections(), 0);
        const { stderr } = await client.close();
        assert.match(stderr, new RegExp(`The socket of the gateway of process ${process.pid} is not used: `));
      });

    it('reaches the gateway that is there, all servers and a single one, and needs no port', async () => {
      const { token } = await serving();
      const [name] = await readdir(announcementsIn(folder));
      const entry = JSON.parse(await readFile(join(announcementsIn(folder), name!), 'utf8')) as {
        socket: string;
      };
      const elsewhere = await temporaryFolder(cleanups);
      const facts = { url: 'http://127.0.0.1:9/mcp', socket: entry.socket, token, servers: ['a'] };
      await announced(elsewhere, facts, cleanups);
      for (const [args, tool] of [
        [[], 'a__echo'],
        [['--server', 'a'], 'echo'],
      ] as const) {
        const client = new ConnectClient(elsewhere, args, cleanups);
        await client.initialize();
        const { result } = await client.request(1, 'tools/list');
        assert.ok((result!['tools'] as { name: string }[]).some(({ name }) => name === tool));
        assert.deepEqual((await client.close()).stderr, '');
      }
    });

    it('shows no token to a program of this user that listens there and is no gateway', async () => {
      const squatter = await squat(cleanups, { at: path });
      await chmod(path, 0o600);
      await announced(folder, { url: 'http://127.0.0.1:9/mcp', socket: path }, cleanups);
      const client = new ConnectClient(folder, [], cleanups);
      client.send({ id: 'init', method: 'initialize', params: { protocolVersion: '2025-11-25' } });
      await until(() => squatter.connections() > 0, 'it asks for a proof');
      assert.match(squatter.received() || 'POST /proof', /^POST \/proof/);
      assert.ok(!squatter.received().includes(ANNOUNCED_TOKEN));
    });

    for (const what of ['somebody else has', 'nobody listens at'])
      it(`reaches the port of a gateway whose socket ${what} by now`, async () => {
        const { token } = await serving();
        const [name] = await readdir(announcementsIn(folder));
        const kept = await readFile(join(announcementsIn(folder), name!), 'utf8');
        const { socket } = JSON.parse(kept) as { socket: string };
        const others: (() => Promise<unknown>)[] = [];
        const squatter = await squat(others, { at: path, says: UNAUTHORIZED });
        await chmod(path, 0o600);
        await rename(path, socket);
        // The socket stays, because it has another name by now.
        if (what === 'nobody listens at') await others[0]!();
        else cleanups.push(...others);
        const { code, stdout, stderr } = await connecting(folder);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /"serverInfo"/);
        assert.match(stderr, /is not this gateway any more\. Its port is\./);
        assert.ok(!squatter.received().includes(token));
      });
  });

  describe('beside a newer gateway that hangs', () => {
    /** A gateway that answers no `initialize`, and questions for a proof as said. */
    async function hanging(proofs: (asked: boolean) => boolean): Promise<void> {
      let asked = false;
      const server = createServer((request, response) => {
        if (request.url !== '/proof') asked = true;
        else if (proofs(asked)) void proves(request, response, ANNOUNCED_TOKEN);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      cleanups.push(async () => {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      });
      const { port } = server.address() as AddressInfo;
      await announced(
        folder,
        { url: `http://127.0.0.1:${port}/mcp`, folders: [process.cwd()], token: ANNOUNCED_TOKEN },
        cleanups,
      );
    }

    for (const [when, proofs, bound] of [
      ['before it has proved itself', () => false, 3 * PROOF_MS],
      ['once it was asked for a session', (asked: boolean) => !asked, 5 * PROOF_MS],
    ] as const)
      it(`${when}, takes the healthy one soon`, async () => {
        const healthy = await relayGateway(cleanups, ({ answer }) => {
          answer({ result: {} });
        });
        await announced(folder, { url: healthy.url }, cleanups);
        await hanging(proofs);
        const client = new ConnectClient(folder, [], cleanups);
        const [ms, { result }] = await timed(() => client.initialize());
        assert.ok(result);
        assert.ok(ms < bound, `${ms} ms`);
        assert.ok(healthy.methods().includes('initialize'));
      });
  });
});
