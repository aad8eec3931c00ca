import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokensDirectory } from '../../../src/endpoint/stateDirectory.js';
import { TokenStore } from '../../../src/endpoint/tokens/tokenStore.js';
import { buildCli, runCli } from '../../support/cli.js';
import { ConnectClient, type Line } from '../../support/connectClient.js';
import { scriptedServer, spawns, temporaryFolder, until } from '../../support/gateway.js';
import { startServe, type ServedGateway } from '../../support/serve.js';

/** One session over HTTP, with any token. */
class HttpClient {
  #session: string | undefined;
  #ids = 0;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async post(method: string, params: object = {}): Promise<{ status: number; line: Line }> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(this.#session === undefined ? {} : { 'mcp-session-id': this.#session }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++this.#ids, method, params }),
    });
    this.#session ??= response.headers.get('mcp-session-id') ?? undefined;
    const text = await response.text();
    return { status: response.status, line: JSON.parse(text === '' ? '{}' : text) as Line };
  }

  async initialize(): Promise<number> {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    return (await this.post('initialize', params)).status;
  }

  async names(method = 'tools/list'): Promise<string[]> {
    const { line } = await this.post(method);
    const [items] = Object.values(line.result ?? {}) as { name: string }[][];
    return items!.map(({ name }) => name).sort();
  }
}

const reading = (name: string): object => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
});

describe('CLI: token', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const storeOf = ({ env }: Pick<ServedGateway, 'env'>): TokenStore =>
    new TokenStore(tokensDirectory({ platform: process.platform, env, home: env.HOME! }));

  async function create(env: ServedGateway['env'], ...args: string[]): Promise<{ token: string }> {
    const { code, stdout, stderr } = await runCli(['token', 'create', '--json', ...args], { env });
    assert.deepEqual([code, stderr], [0, '']);
    return JSON.parse(stdout) as { token: string };
  }

  it('makes, shows and revokes tokens, and says what is wrong with a command', async () => {
    const home = await temporaryFolder(cleanups);
    const env = { HOME: home, XDG_STATE_HOME: home, LOCALAPPDATA: home };
    const { token } = await create(
      env,
      '--name',
      'ci',
      '--servers',
      'a, b',
      '--read-only',
      '--expires',
      '30d',
    );
    const made = await runCli(['token', 'create', '--name', 'other'], { env });
    assert.match(
      made.stdout,
      /^Made "other": all servers, never expires\.\nA client uses it by "mcp-tool-gateway connect --client other"/,
    );
    const listed = await runCli(['token', 'list'], { env });
    assert.match(
      listed.stdout,
      /^NAME +MAY USE +EXPIRES\nci +a, b, only tools that read +expires on .* UTC\nother +all servers +never expires\n$/,
    );
    const json = await runCli(['token', 'list', '--json'], { env });
    assert.ok(!(listed.stdout + json.stdout).includes(token));
    const [ci] = JSON.parse(json.stdout) as { expiresAt: string }[];
    assert.ok(Math.abs(Date.parse(ci!.expiresAt) - Date.now() - 30 * 86_400_000) < 60_000);
    for (const [args, message] of [
      [['create', '--name', 'ci'], /There is a token "ci" already/],
      [['create', '--name', 'A B'], /"A B" cannot be a token's name\. A name has/],
      [['create', '--name', 'x', '--expires', '3'], /hours, days or weeks/],
      [['create', '--name', 'x', '--servers', 'a,,b'], /ids separated by commas/],
      [['create'], /--name/],
      [['revoke', 'nope'], /There is no token "nope"/],
    ] as const) {
      const { code, stderr } = await runCli(['token', ...args], { env });
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, message);
    }
    const wrong = await runCli(['connect', '--client', 'A B'], { env });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /There is no token "A B"\. A name has/);
    assert.equal((await runCli(['token', 'revoke', 'ci'], { env })).code, 0);
    assert.doesNotMatch((await runCli(['token', 'list'], { env })).stdout, /ci/);
  });

  it('lets a client see only its servers, on every path, and ends its sessions when it is revoked', async () => {
    const served = await startServe(
      { a: scriptedServer(), b: scriptedServer({ prompts: 1, resources: 1 }) },
      cleanups,
    );
    const { token } = await create(served.env, '--name', 'only-a', '--servers', 'a');
    const client = new HttpClient(served.url, token);
    assert.equal(await client.initialize(), 200);
    assert.ok((await client.names()).every((name) => name.startsWith('a__')));
    assert.deepEqual([await client.names('prompts/list'), await client.names('resources/list')], [[], []]);
    assert.match(
      String((await client.post('tools/call', { name: 'b__echo' })).line.error?.message),
      /b__echo/,
    );
    assert.ok((await client.post('resources/read', { uri: 'test://0' })).line.error);
    assert.equal(await new HttpClient(`${served.url}/b`, token).initialize(), 404);
    assert.equal(await new HttpClient(`${served.url}/a`, token).initialize(), 200);
    // Nobody else's session either.
    const other = await create(served.env, '--name', 'other');
    assert.equal(await new HttpClient(served.url, other.token).initialize(), 200);
    assert.equal((await runCli(['token', 'revoke', 'only-a'], { env: served.env })).code, 0);
    await until(async () => (await client.post('ping')).status === 401, 'the session is over', 5000);
    assert.equal(await new HttpClient(served.url, token).initialize(), 401);
    assert.equal(await new HttpClient(served.url, served.token).initialize(), 200);
  });

  it('tells a client nothing of other servers, and starts none of them, whatever it asks for', async () => {
    const folder = await temporaryFolder(cleanups);
    const spawnLog = join(folder, 'starts');
    const served = await startServe(
      {
        a: scriptedServer({ prompts: 1, resources: 1 }),
        other: scriptedServer({
          toolDefs: [{ name: 'hush', inputSchema: { type: 'object' } }],
          prompts: 2,
          resources: 1,
        }),
        // Its tools never become known, so that whoever asks for one starts it.
        failing: scriptedServer({ spawnLog, exit: 7 }),
      },
      cleanups,
    );
    const own = new HttpClient(served.url, served.token);
    await own.initialize();
    assert.ok((await own.names()).includes('other__hush'));
    const uris = async (one: HttpClient): Promise<unknown> => {
      const { resources } = (await one.post('resources/list')).line.result as {
        resources: { uri: string }[];
      };
      return resources.map(({ uri }) => uri);
    };
    assert.deepEqual(await uris(own), ['test://0#mcp-server=a', 'test://0#mcp-server=other']);
    const { token } = await create(served.env, '--name', 'only-a', '--servers', 'a');
    const client = new HttpClient(served.url, token);
    await client.initialize();
    const before = await spawns(spawnLog);
    for (const [method, params, message] of [
      ['tools/call', { name: 'hush' }, 'There is no tool named "hush".'],
      ['tools/call', { name: 'other__hush' }, 'There is no tool named "other__hush".'],
      ['tools/call', { name: 'failing__x' }, 'There is no tool named "failing__x".'],
      ['prompts/get', { name: 'p1' }, 'There is no prompt named "p1". Did you mean a__p0?'],
      [
        'completion/complete',
        { ref: { type: 'ref/prompt', name: 'failing__x' }, argument: { name: 'a', value: '' } },
        'There is no prompt named "failing__x".',
      ],
    ] as const)
      assert.equal((await client.post(method, params)).line.error?.message, message);
    assert.deepEqual(await uris(client), ['test://0']);
    for (const list of ['tools/list', 'prompts/list', 'resources/templates/list'])
      assert.ok((await client.post(list)).line.result);
    assert.deepEqual(await spawns(spawnLog), before);
  });

  it('lets a client that only reads run what servers that the user trusts say is reading, and nothing else', async () => {
    const folder = await temporaryFolder(cleanups);
    const callLog = join(folder, 'calls');
    const tools = {
      toolDefs: [reading('look'), { name: 'write', inputSchema: { type: 'object' } }],
      callLog,
    };
    const served = await startServe(
      { trusted: scriptedServer({ ...tools, echoMethods: true }), liar: scriptedServer(tools) },
      cleanups,
      ['--trust-read-only', 'trusted'],
    );
    const { token } = await create(served.env, '--name', 'reader', '--read-only');
    const all = new HttpClient(served.url, token);
    await all.initialize();
    assert.deepEqual(await all.names(), ['trusted__look']);
    const one = new HttpClient(`${served.url}/trusted`, token);
    await one.initialize();
    assert.deepEqual(await one.names(), ['look']);
    const call = (client: HttpClient, name: string): Promise<{ line: Line }> =>
      client.post('tools/call', { name, arguments: { nonce: name } });
    for (const [client, name] of [
      [all, 'trusted__write'],
      [all, 'liar__look'],
      [all, 'liar__write'],
      [one, 'write'],
    ] as const)
      assert.match(
        String((await call(client, name)).line.error?.message),
        /lets it run only tools that read/,
        name,
      );
    for (const name of [{ toString: 'write' }, ['look'], undefined])
      assert.equal((await one.post('tools/call', { name })).line.error?.code, -32602);
    assert.match(
      String((await one.post('server/reset')).line.error?.message),
      /does not let it ask for server\/reset/,
    );
    assert.ok((await call(all, 'trusted__look')).line.result);
    assert.ok((await call(one, 'look')).line.result);
    assert.deepEqual((await readFile(callLog, 'utf8')).trim().split('\n'), ['trusted__look', 'look']);
  });

  it('ends sessions that it was opened for something else with', async () => {
    const served = await startServe({ a: scriptedServer(), b: scriptedServer() }, cleanups);
    const { token } = await create(served.env, '--name', 'edited');
    const client = new HttpClient(served.url, token);
    await client.initialize();
    assert.ok((await client.names()).some((name) => name.startsWith('b__')));
    const { env } = served;
    const folder = tokensDirectory({ platform: process.platform, env, home: env.HOME! });
    const file = join(folder, 'edited.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...kept, servers: ['a'] }));
    await until(async () => (await client.post('ping')).status === 404, 'the session is over', 5000);
    const next = new HttpClient(served.url, token);
    assert.equal(await next.initialize(), 200);
    assert.ok((await next.names()).every((name) => name.startsWith('a__')));
  });

  it('ends sessions when it expires', async () => {
    const served = await startServe({ a: scriptedServer() }, cleanups);
    const { token } = await storeOf(served).create('short', { readOnly: false }, Date.now() + 2000);
    const client = new HttpClient(served.url, token);
    assert.equal(await client.initialize(), 200);
    await until(async () => (await client.post('ping')).status === 401, 'the session is over', 10_000);
  });

  it('is what "connect --client" uses, and when it is revoked nothing else is used instead', async () => {
    const served = await startServe({ a: scriptedServer(), b: scriptedServer() }, cleanups);
    const { env } = served;
    await create(env, '--name', 'agent', '--servers', 'a');
    const client = new ConnectClient(env.HOME!, ['--client', 'agent'], cleanups);
    await client.initialize();
    const tools = (await client.request(1, 'tools/list')).result?.tools as { name: string }[];
    assert.ok(tools.length > 0 && tools.every(({ name }) => name.startsWith('a__')));
    assert.deepEqual(
      (
        (await client.request(2, 'tools/call', { name: 'a__echo', arguments: {} })).result
          ?.content as unknown[]
      ).length,
      1,
    );
    await until(async () => {
      const { stdout } = await runCli(['calls', '--json'], { env });
      return stdout.includes('"client":"agent: connect-client 1"');
    }, 'the call is recorded');
    await runCli(['token', 'revoke', 'agent'], { env });
    const ended = await client.ended;
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /There is no token "agent", or it has expired/);
    const { code, stderr } = await runCli(['connect', '--client', 'agent'], { env });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /There is no token "agent", or it has expired\. Make it with "token create --name agent"/,
    );
  });
});
