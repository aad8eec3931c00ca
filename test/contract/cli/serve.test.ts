import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { newToken } from '../../../src/base/token.js';
import { buildCli, runCli, writeConfig } from '../../support/cli.js';
import { announcementsIn, stateIn } from '../../support/connectClient.js';
import { initialize, reply } from '../../support/door.js';
import { scriptedServer, temporaryFolder, until } from '../../support/gateway.js';
import { startServe } from '../../support/serving.js';
import { isAlive, processTree } from '../../support/vscode/processTree.js';

const posix = process.platform !== 'win32';
const portOf = (url: string): number => Number(new URL(url).port);

describe('CLI: serve', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  let state: string;
  beforeEach(async () => {
    state = await temporaryFolder(cleanups);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('says in one line where it is, before its servers run, and nothing else', async () => {
    const servers = { a: scriptedServer(), 'b c': scriptedServer({ silent: true }) };
    const { args, folder } = await writeConfig(servers, cleanups);
    const serving = await startServe(state, args, cleanups);
    const { url, token, pid, servers: urls } = serving;
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    assert.equal(pid, serving.running.child.pid);
    assert.deepEqual(urls, { a: `${url}/a`, 'b c': `${url}/b%20c` });

    const directory = announcementsIn(state);
    const [name] = await readdir(directory);
    const entry = JSON.parse(await readFile(join(directory, name!), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(
      [entry['url'], entry['token'], entry['pid'], entry['servers'], entry['folders']],
      [url, token, pid, ['a', 'b c'], [folder]],
    );
    const { stdout, stderr } = await serving.stop();
    assert.deepEqual([stdout.split('\n').length, stderr], [2, '']);
    assert.deepEqual(await readdir(directory), []);
  });

  it('listens at a socket of its own beside the port, the same at each start, which is gone when it ends', async function () {
    if (!posix) this.skip();
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const sockets = join(state, 'mcp-tool-gateway', 'sockets');
    const names: string[] = [];
    for (let start = 0; start < 2; start++) {
      const serving = await startServe(state, args, cleanups);
      names.push(...(await readdir(sockets)));
      const { status } = await reply(join(sockets, names[start]!), {
        headers: { authorization: `Bearer ${serving.token}` },
        body: initialize(),
      });
      assert.equal(status, 200);
      await serving.stop();
      assert.deepEqual(await readdir(sockets), []);
    }
    assert.equal(names[0], names[1]);
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    it(`warms its servers up; ends with ${signal}, exits ${exitCode} and leaves nothing behind`, async function () {
      if (!posix) this.skip();
      const { args } = await writeConfig({ a: scriptedServer({ grandchild: true }) }, cleanups);
      const serving = await startServe(state, args, cleanups);
      await until(() => processTree(serving.pid).length >= 3, 'the server and its grandchild run');
      const tree = processTree(serving.pid);
      assert.equal((await serving.stop(signal)).code, exitCode);
      await until(() => !tree.some(isAlive), 'all of them are gone', 1000);
      await assert.rejects(fetch(serving.url));
      assert.deepEqual(await readdir(announcementsIn(state)), []);
    });

  it('keeps its address from start to start, each config its own, and has a new token in each run', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const { args: others } = await writeConfig({ a: scriptedServer() }, cleanups);
    const first = await startServe(state, args, cleanups);
    const other = await startServe(state, others, cleanups);
    assert.notEqual(other.url, first.url);
    await Promise.all([first.stop(), other.stop()]);
    const again = await startServe(state, args, cleanups);
    assert.equal(again.url, first.url);
    assert.equal(new Set([first.token, other.token, again.token]).size, 3);
    const old = { authorization: `Bearer ${first.token}`, accept: 'text/event-stream' };
    assert.equal((await fetch(again.url, { headers: old })).status, 401);
  });

  it('keeps the token of --token-file from start to start', async () => {
    const { args, folder } = await writeConfig({ a: scriptedServer() }, cleanups);
    const kept = [...args, '--token-file', join(folder, 'token')];
    const first = await startServe(state, kept, cleanups);
    await first.stop();
    assert.equal((await startServe(state, kept, cleanups)).token, first.token);
    if (posix) assert.equal((await stat(join(folder, 'token'))).mode & 0o777, 0o600);
  });

  for (const [what, shell, home] of [
    // As on a full disk, no byte can be written to a file.
    ['no file can be written', `trap '' XFSZ; ulimit -f 0; exec "$@"`, undefined],
    ['no folder can be made', 'exec "$@"', '/proc/self/nowhere'],
  ] as const)
    it(`goes on with a token for this run where ${what}`, async function () {
      if (process.platform !== 'linux') this.skip();
      const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
      const child = spawn('sh', ['-c', shell, 'sh', process.execPath, 'dist/cli.js', 'serve', ...args], {
        env: { ...process.env, ...stateIn(home ?? state) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'close');
      cleanups.push(async () => {
        child.kill('SIGTERM');
        await ended;
      });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown];
      assert.ok(Buffer.isBuffer(line), stderr);
      const { url, token } = JSON.parse(line.toString()) as Record<string, string>;
      assert.equal(Buffer.from(token!, 'base64url').length, 32);
      const answer = await fetch(url!, { headers: { authorization: `Bearer ${token}` } });
      assert.notEqual(answer.status, 401);
      await until(() => /"connect" cannot find this gateway/.test(stderr), 'it says what does not work');
    });

  it('keeps its address also where another one of the same config ran beside it', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const first = await startServe(state, args, cleanups);
    const beside = await startServe(state, args, cleanups);
    assert.notEqual(beside.url, first.url);
    await Promise.all([first.stop(), beside.stop()]);
    assert.equal((await startServe(state, args, cleanups)).url, first.url);
  });

  it('takes the port and the token that it is told; says so when the port is taken', async () => {
    const { args, folder } = await writeConfig({ a: scriptedServer() }, cleanups);
    const file = join(folder, 'token');
    const token = newToken();
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    cleanups.push(async () => {
      await new Promise((resolve) => taken.close(resolve));
    });
    const port = (taken.address() as { port: number }).port;
    const serving = await startServe(
      state,
      [...args, '--port', String(port), '--token-file', file],
      cleanups,
    );
    assert.equal(serving.token, token);
    assert.notEqual(portOf(serving.url), port);
    const { stderr } = await serving.stop();
    assert.match(stderr, new RegExp(`Port ${port} is taken, so that ${portOf(serving.url)} is used`));
    assert.doesNotMatch(stderr, new RegExp(token));

    const free = portOf(serving.url);
    const second = await startServe(state, [...args, '--port', String(free)], cleanups);
    assert.equal(portOf(second.url), free);
    assert.notEqual(second.token, token);
    await second.stop();
    // It is the last one for this config now.
    assert.equal(portOf((await startServe(state, args, cleanups)).url), free);
  });

  it('exits 2 for a token file that others can read, or that holds none, and starts nothing', async () => {
    const { args, folder } = await writeConfig({ a: scriptedServer() }, cleanups);
    const file = join(folder, 'token');
    const run = (): ReturnType<typeof runCli> =>
      runCli(['serve', ...args, '--token-file', file], { env: stateIn(state) });
    await writeFile(file, 'guess me\n', { mode: 0o600 });
    const malformed = await run();
    assert.match(malformed.stderr, /holds no token/);
    assert.doesNotMatch(malformed.stderr, /guess me/);
    assert.deepEqual([malformed.code, malformed.stdout], [2, '']);
    if (!posix) return;
    await chmod(file, 0o644);
    const open = await run();
    assert.match(open.stderr, /other users can read it \(mode 644\).*chmod 600/);
    assert.deepEqual([open.code, open.stdout], [2, '']);
  });

  for (const [what, args, message] of [
    ['a port that is none', ['serve', '--config', 'x', '--port', '65536'], /whole number from 0 to 65535/],
    ['no config', ['serve'], /'-c, --config <file>' not specified/],
    ['a config that is not there', ['serve', '--config', 'nope.json'], /nope\.json does not exist/],
    ['an argument of connect', ['connect', 'x'], /too many arguments/],
  ] as const)
    it(`exits 2 for ${what}`, async () => {
      const { code, stdout, stderr } = await runCli(args, { env: stateIn(state) });
      assert.match(stderr, message);
      assert.deepEqual([code, stdout], [2, '']);
    });
});
