import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { CallRecord } from '../../../src/gateway/model/callRecord.js';
import { readEntry, type Entry } from '../../../src/announcement/record.js';
import { runCli, startCli, writeConfig } from '../../support/cli.js';
import { announced, announcementsIn, ConnectClient, stateIn } from '../../support/connectClient.js';
import { scriptedServer, temporaryFolder, until } from '../../support/gateway.js';
import { startServe, type Serving } from '../../support/serving.js';
import { squat } from '../../support/squatter.js';
import { HttpClient } from '../httpClient.js';

const GRACE = ['--grace', '30000'];
const TOKEN = 'a-token-of-this-test-0123456789-0123456789';
/** What a program says that knows no proof. */
const UNAUTHORIZED = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n';
/** A number of no process. */
const NO_PID = 4_000_000_000;

async function canListen(pipe: string): Promise<boolean> {
  const server = createServer().listen(pipe);
  const listens = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}

describe('the endpoint on Windows', function () {
  this.timeout(60_000);
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  let tokenFile: string;
  beforeEach(async () => {
    folder = await temporaryFolder(cleanups);
    tokenFile = join(folder, 'a token.txt');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const serving = async (servers: Record<string, unknown> = { a: scriptedServer() }): Promise<Serving> => {
    const { args } = await writeConfig(servers, cleanups);
    return startServe(folder, [...GRACE, '--token-file', tokenFile, ...args], cleanups);
  };
  const announcements = async (): Promise<Entry[]> => {
    const directory = announcementsIn(folder);
    const texts = (await readdir(directory)).map((name) => readFile(join(directory, name), 'utf8'));
    return (await Promise.all(texts)).map((text) => readEntry(text)!);
  };
  const pipeOf = async (): Promise<string> => (await announcements())[0]!.socket!;

  it('listens at a named pipe beside the port, and asks for the token at both', async () => {
    await writeFile(tokenFile, `${TOKEN}\r\n`);
    const { url, token } = await serving();
    assert.equal(token, TOKEN);
    const pipe = await pipeOf();
    assert.match(pipe, /^\\\\\.\\pipe\\mcp-tool-gateway-[0-9a-f]{16}$/);
    for (const socket of [undefined, pipe] as const) {
      assert.equal(await new HttpClient(url, undefined, socket).initialize(), 401);
      assert.equal(await new HttpClient(url, `${TOKEN}x`, socket).initialize(), 401);
      const client: HttpClient = new HttpClient(url, token, socket);
      assert.equal(await client.initialize(), 200);
      assert.equal(await client.call('a__echo', { n: 1 }), '{"n":1}');
    }
  });

  it('takes the next pipe where another program has the name', async function () {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const first = await startServe(folder, [...GRACE, ...args], cleanups);
    const pipe = await pipeOf();
    await first.stop();
    const squatter = await squat(cleanups, { at: pipe, says: UNAUTHORIZED });
    // Wine lets several programs listen at one pipe.
    if (await canListen(pipe)) this.skip();
    const second = await startServe(folder, [...GRACE, ...args], cleanups);
    const { socket } = (await announcements()).find(({ pid }) => pid === second.pid)!;
    assert.equal(socket, `${pipe}-2`);
    assert.equal(await new HttpClient(second.url, second.token, socket).initialize(), 200);
    const client = new ConnectClient(folder, [], cleanups);
    assert.ok((await client.initialize()).result);
    assert.equal(squatter.connections(), 0);
  });

  it('connect speaks over the pipe, and records who called what', async () => {
    const { token } = await serving();
    // Elsewhere, with a port at which nothing listens.
    const home = await temporaryFolder(cleanups);
    await announced(home, { url: 'http://127.0.0.1:9/mcp', socket: await pipeOf(), token }, cleanups);
    const client = new ConnectClient(home, [], cleanups);
    await client.initialize();
    const nonce = 'ä € 𝄞 \\ "';
    const call = (id: string, args: object): Promise<{ error?: { message: string } }> =>
      client.request(id, 'tools/call', { name: 'a__echo', arguments: args });
    assert.match(JSON.stringify(await call('one', { nonce })), /𝄞/);
    const record = async (): Promise<CallRecord[]> => {
      const { stdout } = await runCli(['calls', '--json'], { env: stateIn(folder) });
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CallRecord);
    };
    let seen: CallRecord[] = [];
    await until(async () => (seen = await record()).length > 0, 'the call is recorded', 30_000);
    assert.deepEqual(
      seen.map(({ client: who, server, tool, outcome }) => [who, server, tool, outcome]),
      [['connect-client 1', 'a', 'echo', 'ok']],
    );
    assert.equal((await client.close()).code, 0);
  });

  it('sends no token to who took the name of the pipe', async () => {
    const { token, url, stop } = await serving();
    const pipe = await pipeOf();
    await stop();
    const squatter = await squat(cleanups, { at: pipe, says: UNAUTHORIZED });
    await announced(folder, { url, socket: pipe, token }, cleanups);
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    const { code, stderr } = await runCli(['connect'], {
      env: stateIn(folder),
      input: `${JSON.stringify(initialize)}\n`,
    });
    assert.match(stderr, /did not prove that it is your gateway/);
    assert.equal(code, 3);
    assert.match(squatter.received(), /^POST \/proof /);
    assert.ok(!squatter.received().includes(token));
    assert.doesNotMatch(squatter.received(), /authorization|initialize/i);
  });

  it('is not looked for where its process is gone, and what it announced is swept away', async () => {
    const { url, token, stop } = await serving();
    const pipe = await pipeOf();
    await stop();
    // Windows ends a process at once, so that it takes nothing back.
    assert.equal((await announcements()).length, 1);
    const squatter = await squat(cleanups, { at: pipe, says: UNAUTHORIZED });
    const port = await squat(cleanups, { at: Number(new URL(url).port), says: UNAUTHORIZED });
    const { code, stderr } = await runCli(['connect'], { env: stateIn(folder) });
    assert.match(stderr, /No MCP gateway of this user is running/);
    assert.equal(code, 3);
    assert.deepEqual([squatter.connections(), port.connections()], [0, 0]);
    assert.deepEqual(await announcements(), []);
    assert.ok(!`${squatter.received()}${port.received()}`.includes(token));
    assert.throws(() => process.kill(NO_PID, 0));
  });

  it('checks arguments in the worker', async () => {
    const strict = {
      name: 'strict',
      inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    };
    const { args } = await writeConfig({ a: scriptedServer({ toolDefs: [strict] }) }, cleanups);
    const { code, stderr } = await runCli(['call', 'a__strict', '{"n":"x"}', ...GRACE, ...args], {
      env: stateIn(folder),
    });
    assert.match(stderr, /\bn\b.*integer/);
    assert.equal(code, 2);
  });

  it('makes, lists and revokes tokens of clients, and a revoked one ends its sessions', async () => {
    const { url } = await serving({ a: scriptedServer(), b: scriptedServer() });
    const env = stateIn(folder);
    const token = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCli(['token', ...args], { env });
      assert.deepEqual([code, stderr], [0, '']);
      return stdout;
    };
    const made = JSON.parse(await token('create', '--name', 'ci', '--servers', 'a', '--json')) as {
      token: string;
    };
    const client = new ConnectClient(folder, ['--client', 'ci'], cleanups);
    assert.ok((await client.initialize()).result);
    assert.ok((await client.request(1, 'tools/call', { name: 'a__echo', arguments: {} })).result);
    assert.ok((await client.request(2, 'tools/call', { name: 'b__echo', arguments: {} })).error);
    const overHttp = new HttpClient(url, made.token);
    assert.equal(await overHttp.initialize(), 200);
    assert.match(await token('list'), /^ci +a +/m);
    await token('revoke', 'ci');
    await until(async () => (await new HttpClient(url, made.token).initialize()) === 401, 'it is refused');
    assert.equal((await overHttp.post({ id: 9, method: 'tools/list' })).status, 401);
  });

  it('follows calls of other processes as they end', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const env = stateIn(folder);
    const { child, ended } = startCli(['calls', '--follow', '--json'], { env, keepInputOpen: true });
    cleanups.push(async () => {
      child.kill();
      await ended;
    });
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer | string) => (seen += chunk.toString()));
    const { code } = await runCli(['call', 'a__echo', '{}', ...GRACE, ...args], { env });
    assert.equal(code, 0);
    await until(() => seen.includes('\n'), 'the call is shown', 30_000);
    assert.equal((JSON.parse(seen) as CallRecord).tool, 'echo');
  });
});
