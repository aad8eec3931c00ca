import assert from 'node:assert/strict';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Inventory } from '../../../src/cli/commands/list.js';
import { isRunning, runCli, startCli, writeConfig } from '../../support/cli.js';
import { stateIn } from '../../support/connectClient.js';
import { scriptedServer, temporaryFolder, until } from '../../support/gateway.js';
import { startServe } from '../../support/serving.js';
import { HttpClient } from '../httpClient.js';

const scripted = resolve('test/fixtures/servers/scripted-server.mjs');
const GRACE = ['--grace', '30000'];

/** Every process id in a spawn log, those of grandchildren too. */
const pidsIn = async (log: string): Promise<number[]> =>
  (await readFile(log, 'utf8')).match(/\d+/g)?.map(Number) ?? [];

const toolNames = (stdout: string): string[] =>
  (JSON.parse(stdout) as Inventory).tools.map(({ name }) => name);

describe('processes on Windows', function () {
  this.timeout(60_000);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('lists a program and a .cmd shim, and says what is missing as it says it elsewhere', async () => {
    const folder = await temporaryFolder(cleanups);
    const shim = join(folder, 'shim.cmd');
    await writeFile(shim, `@"${process.execPath}" "${scripted}" %*\r\n`);
    await writeFile(join(folder, 'onpath.cmd'), `@"${process.execPath}" "${scripted}" %*\r\n`);
    const { args } = await writeConfig(
      {
        program: scriptedServer(),
        shim: { command: shim, args: ['a b'] },
        onpath: { command: 'onpath', env: { Path: folder } },
        missing: { command: 'no-such-program-anywhere' },
        missingPath: { command: join(folder, 'nope.exe') },
      },
      cleanups,
    );
    const { stdout, stderr } = await runCli(['list', '--json', ...GRACE, ...args]);
    const all = JSON.parse(stdout) as Inventory;
    assert.deepEqual(
      all.servers.filter(({ state }) => state === 'Live').map(({ id }) => id),
      ['program', 'shim', 'onpath'],
      stderr,
    );
    assert.deepEqual(
      all.omitted.map(({ server, reason }) => [server, reason]),
      [
        ['missing', 'failed'],
        ['missingPath', 'failed'],
      ],
    );
    assert.match(
      all.omitted[0]!.message,
      /The command "no-such-program-anywhere" was not found on the PATH, which its log shows\. Install it, or give its full path in "command"\./,
    );
    assert.match(
      all.omitted[1]!.message,
      /The command ".*nope\.exe" was not found\. Install it, or correct "command"\./,
    );
  });

  it('shows the PATH that was searched, and no secret', async () => {
    const folder = await temporaryFolder(cleanups);
    const { args } = await writeConfig(
      {
        missing: {
          command: 'no-such-program-anywhere',
          env: { PATH: `${folder};C:\\hunter2-hunter2`, API_TOKEN: 'hunter2-hunter2' },
        },
      },
      cleanups,
    );
    const { stderr } = await runCli(['list', '--verbose', ...GRACE, ...args], {
      env: { PATH: `C:\\on-the-path;${process.env['PATH']!}` },
    });
    assert.match(stderr, /The PATH that was searched: /);
    const searched = stderr.slice(stderr.indexOf('The PATH that was searched: '));
    assert.ok(searched.includes(`${folder};C:\\***;C:\\on-the-path;`), searched);
    assert.ok(!stderr.includes('hunter2'));
  });

  it('takes a program from the PATH before one of the same name in the folder that it is started in', async () => {
    const folder = await temporaryFolder(cleanups);
    const onPath = join(folder, 'on-path');
    await mkdir(onPath);
    const shim = (name: string): string =>
      `@set SCRIPT={"tools":["${name}"]}\r\n@"${process.execPath}" "${scripted}" %*\r\n`;
    await writeFile(join(onPath, 'tool.cmd'), shim('path'));
    await writeFile(join(folder, 'tool.cmd'), shim('planted'));
    await writeFile(join(folder, 'own.cmd'), shim('own'));
    const { args } = await writeConfig(
      {
        // As it is done with files of any workspace.
        tool: { command: 'tool', env: { PATH: onPath }, cwd: folder },
        own: { command: 'own', env: { PATH: onPath }, cwd: folder },
      },
      cleanups,
    );
    const { stdout, stderr } = await runCli(['list', '--json', ...GRACE, ...args]);
    assert.deepEqual(toolNames(stdout), ['tool__path', 'own__own'], stderr);
  });

  it('starts a .cmd shim in a folder whose path has a space', async function () {
    // The cmd.exe of Wine finds no program whose path has one.
    if (process.env['WINEPREFIX'] !== undefined) this.skip();
    const folder = join(await temporaryFolder(cleanups), 'Program Files (x86)');
    await mkdir(folder);
    await writeFile(join(folder, 'spaced.cmd'), `@"${process.execPath}" "${scripted}" %*\r\n`);
    const { args } = await writeConfig(
      { a: { ...scriptedServer({ tools: ['x'] }), command: 'spaced', args: [], env: { PATH: folder } } },
      cleanups,
    );
    const { stdout, stderr } = await runCli(['list', '--json', ...GRACE, ...args]);
    assert.equal((JSON.parse(stdout) as Inventory).servers[0]!.state, 'Live', stderr);
  });

  it('ends servers by the program of Windows, whatever lies in the folder that it is started in', async () => {
    const folder = await temporaryFolder(cleanups);
    const log = join(folder, 'spawns');
    const planted = join(folder, 'planted.txt');
    await writeFile(join(folder, 'taskkill.cmd'), `@echo planted> "${planted}"\r\n`);
    const { args } = await writeConfig({ a: scriptedServer({ spawnLog: log, stubborn: true }) }, cleanups);
    const { code } = await runCli(['list', ...GRACE, ...args], { cwd: folder });
    assert.equal(code, 0);
    const pids = await pidsIn(log);
    await until(() => pids.every((pid) => !isRunning(pid)), 'the server has ended');
    await assert.rejects(access(planted), { code: 'ENOENT' });
  });

  it('passes arguments and answers on as they are', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const nonce = 'ä € 𝄞 "quoted" \\ %PATH% & ^ | <>';
    const { code, stdout } = await runCli(['call', 'a__echo', JSON.stringify({ nonce }), ...GRACE, ...args]);
    assert.deepEqual([code, JSON.parse(stdout)], [0, { nonce }]);
  });

  it('NoOrphans: a list ends its servers, also one with a grandchild and one that ignores its end', async () => {
    const folder = await temporaryFolder(cleanups);
    const log = join(folder, 'spawns');
    const { args } = await writeConfig(
      {
        parent: scriptedServer({ spawnLog: log, grandchild: true }),
        stubborn: scriptedServer({ spawnLog: log, stubborn: true }),
      },
      cleanups,
    );
    const { code } = await runCli(['list', ...GRACE, ...args]);
    assert.equal(code, 0);
    const pids = await pidsIn(log);
    assert.ok(pids.length >= 3, 'two servers and a grandchild were started');
    await until(() => pids.every((pid) => !isRunning(pid)), 'all have ended');
  });

  it('NoOrphans: servers end with a gateway that is killed', async () => {
    const folder = await temporaryFolder(cleanups);
    const log = join(folder, 'spawns');
    const { args } = await writeConfig({ a: scriptedServer({ spawnLog: log }) }, cleanups);
    const { child, ended } = startCli(['serve', ...GRACE, ...args], {
      env: stateIn(folder),
      keepInputOpen: true,
    });
    await until(async () => (await pidsIn(log).catch(() => [])).length > 0, 'the server runs', 30_000);
    child.kill();
    await ended;
    const pids = await pidsIn(log);
    await until(() => pids.every((pid) => !isRunning(pid)), 'the server has ended');
  });

  it('lists from the cache without a process, whatever the line ends and the mark at the start of the file are', async () => {
    const folder = await temporaryFolder(cleanups);
    const log = join(folder, 'spawns');
    const servers = JSON.stringify({ servers: { a: scriptedServer({ spawnLog: log }) } }, undefined, 2);
    const { args } = await writeConfig(`\uFEFF${servers.replaceAll('\n', '\r\n')}`, cleanups);
    for (let run = 0; run < 2; run++) {
      const { code, stdout, stderr } = await runCli(['list', '--json', ...GRACE, ...args]);
      assert.equal(code, 0, stderr);
      assert.ok((JSON.parse(stdout) as Inventory).tools.length > 0);
    }
    assert.equal((await pidsIn(log)).length, 1);
  });

  it('hands on what a program needs to run where only safe variables are inherited', async () => {
    const names = ['SystemRoot', 'WINDIR', 'COMSPEC', 'Path', 'TEMP', 'USERPROFILE', 'LOCALAPPDATA', 'MINE'];
    const script = { tools: ['env'] };
    const servers = {
      safe: scriptedServer(script, { inheritEnv: 'safe' }),
      listed: scriptedServer(script, { inheritEnv: ['systemroot', 'mine'] }),
    };
    const { url, token } = await startServe(
      await temporaryFolder(cleanups),
      [...GRACE, ...(await writeConfig(servers, cleanups)).args],
      cleanups,
      { MINE: 'mine' },
    );
    const client = new HttpClient(url, token);
    await client.initialize();
    const read = async (server: string): Promise<string[]> => {
      const set: string[] = [];
      for (const name of names) {
        const text = await client.call(`${server}__env`, { name });
        if (text !== '(not set)') set.push(name);
      }
      return set;
    };
    assert.deepEqual(await read('safe'), names.slice(0, -1));
    // Some more Node adds itself.
    const listed = await read('listed');
    assert.deepEqual([listed[0], listed.at(-1)], ['SystemRoot', 'MINE']);
    assert.ok(!listed.includes('COMSPEC') && !listed.includes('LOCALAPPDATA'));
  });

  it('finds variables by any letter case', async () => {
    const { args } = await writeConfig(
      { a: scriptedServer({}, { env: { SCRIPT: '{"tools":["${env:some_name}"]}' } }) },
      cleanups,
    );
    const { stdout, stderr } = await runCli(['list', '--json', ...GRACE, ...args], {
      env: { SOME_NAME: 'x' },
    });
    assert.deepEqual(toolNames(stdout), ['a__x'], stderr);
  });
});
