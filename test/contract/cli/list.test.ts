import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inventory } from '../../../src/cli/commands/list.js';
import { buildCli, runCli, startCli, writeConfig } from '../../support/cli.js';
import { G, scriptedServer, spawns, temporaryFolder } from '../../support/gateway.js';

const inventory = (stdout: string): Inventory => JSON.parse(stdout) as Inventory;

describe('CLI: list', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('lists the three real servers of examples/mcp.json, the second time from the cache', async () => {
    const cache = await temporaryFolder(cleanups);
    const args = ['list', '--config', 'examples/mcp.json', '--json', '--grace', '30000', '--cache', cache];
    const first = await runCli(args);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const all = inventory(first.stdout);
    assert.deepEqual(Object.keys(all), [
      'tools',
      'resources',
      'resourceTemplates',
      'prompts',
      'omitted',
      'stale',
      'servers',
      'disabled',
    ]);
    assert.deepEqual(
      // One that announces a change right after its start may be read once more just now.
      all.servers.map(({ id, state, tools }) => [
        id,
        state === 'RefreshingFromCached' ? 'Live' : state,
        (tools ?? 0) > 5,
      ]),
      [
        ['everything', 'Live', true],
        ['files', 'Live', true],
        ['memory', 'Live', true],
      ],
    );
    assert.deepEqual([all.omitted, all.stale], [[], []]);
    const { inputSchema, annotations, ...echo } = all.tools.find(({ name }) => name === 'everything__echo')!;
    assert.deepEqual(
      { ...echo, inputSchema: typeof inputSchema, annotations: typeof annotations },
      {
        name: 'everything__echo',
        server: 'everything',
        title: 'Echo Tool',
        description: 'Echoes back the input string',
        execution: { taskSupport: 'forbidden' },
        tool: 'echo',
        inputSchema: 'object',
        annotations: 'object',
      },
    );
    assert.ok(all.resources.length > 0 && all.resources.every(({ uri, server }) => uri && server));
    assert.ok(all.resourceTemplates.some(({ server }) => server === 'everything'));
    assert.ok(all.prompts.some(({ name }) => name === 'everything__simple-prompt'));

    const second = await runCli(args);
    assert.equal(second.code, 0);
    const cached = inventory(second.stdout);
    assert.deepEqual(
      cached.servers.map(({ state }) => state),
      ['Cached', 'Cached', 'Cached'],
    );
    assert.deepEqual(
      [cached.tools, cached.resources, cached.prompts],
      [all.tools, all.resources, all.prompts],
    );
  });

  it('names what is disabled, which is no failure', async () => {
    const { args } = await writeConfig(
      { a: scriptedServer(), off: scriptedServer({}, { disabled: true, title: 'Not now' }) },
      cleanups,
    );
    const asJson = await runCli(['list', '--json', ...args]);
    assert.equal(asJson.code, 0);
    const { disabled, servers, omitted } = inventory(asJson.stdout);
    assert.deepEqual(disabled, [{ id: 'off', title: 'Not now' }]);
    assert.deepEqual([servers.map(({ id }) => id), omitted], [['a'], []]);
    const asText = await runCli(['list', ...args]);
    assert.deepEqual([asText.code, asText.stderr], [0, '']);
    assert.match(asText.stdout, /^off +- +- +disabled$/m);
  });

  it('starts no process when everything is cached', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { args } = await writeConfig({ a: scriptedServer({ spawnLog }) }, cleanups);
    for (const _ of [1, 2, 3]) assert.equal((await runCli(['list', ...args])).code, 0);
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('prints readable tables', async () => {
    const toolDefs = [
      {
        name: 'first',
        description: 'Does \u001b[31mone\u0007 thing.\nAnd more.',
        inputSchema: { type: 'object' },
      },
      { name: 'second', inputSchema: { type: 'object' } },
    ];
    const { args } = await writeConfig(
      { a: scriptedServer({ toolDefs, prompts: 1, resources: 1 }), b: { command: 'no-such-command-here' } },
      cleanups,
    );
    const { code, stdout } = await runCli(['list', ...args]);
    assert.equal(code, 0);
    const lines = stdout.split('\n');
    assert.deepEqual(lines.slice(0, 5), [
      'Tools (2)',
      'NAME       SERVER  DESCRIPTION',
      'a__first   a       Does \\u001b[31mone\\u0007 thing.',
      'a__second  a',
      '',
    ]);
    for (const title of ['Resources (1)', 'Resource templates (1)', 'Prompts (1)', 'Servers (2)'])
      assert.ok(lines.includes(title), title);
    assert.match(stdout, /^a +Live +2$/m);
    assert.match(stdout, /^b +Unknown +\? +failed: .*"no-such-command-here" was not found/m);
  });

  it('goes on without the one bad server among good ones', async () => {
    const { args } = await writeConfig({ bad: { type: 'stdio' }, good: scriptedServer() }, cleanups);
    const { code, stdout, stderr } = await runCli(['list', ...args, '--json']);
    const { omitted, tools } = inventory(stdout);
    assert.equal(code, 0);
    assert.equal(tools.length, 5);
    assert.deepEqual(
      omitted.map(({ server, reason }) => [server, reason]),
      [['bad', 'invalid']],
    );
    assert.match(omitted[0]!.message, /servers\.bad\.command/);
    assert.match(stderr, /^\[error\] .*mcp\.json: servers\.bad\.command: "command" is missing.*\n$/);
  });

  it('GraceIsParallel: waits for dead servers no longer than the grace', async () => {
    const dead = Object.fromEntries(['a', 'b', 'c'].map((id) => [id, scriptedServer({ silent: true })]));
    const { args } = await writeConfig({ ...dead, good: scriptedServer() }, cleanups);
    const bare = await runCli(['list', ...args, '--json', '--grace', '0']);
    const { code, stdout, stderr, ms } = await runCli(['list', ...args, '--json', '--grace', String(10 * G)]);
    // Starting and ending this process, and stopping the servers, is in both.
    assert.ok(ms - bare.ms <= 12 * G, `${ms} ms, without grace ${bare.ms} ms`);
    const { omitted, tools } = inventory(stdout);
    assert.deepEqual([code, tools.length], [0, 5]);
    assert.deepEqual(
      omitted.map(({ server, reason }) => `${server} ${reason}`),
      ['a starting', 'b starting', 'c starting'],
    );
    assert.equal(stderr.match(/\(starting\)/g)?.length, 3);
  });

  it('works without a cache folder that cannot be written, and says so once', async () => {
    const { folder, file } = await writeConfig({ a: scriptedServer(), b: scriptedServer() }, cleanups);
    await writeFile(join(folder, 'occupied'), '');
    const { code, stdout, stderr } = await runCli([
      'list',
      '--config',
      file,
      '--json',
      '--cache',
      join(folder, 'occupied'),
    ]);
    assert.equal(code, 0);
    assert.equal(inventory(stdout).tools.length, 10);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.match(stderr, /occupied/);
  });

  it("caches in the user's own folder where no other is given", async function () {
    if (process.platform !== 'linux') this.skip();
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { folder, file } = await writeConfig({ a: scriptedServer({ spawnLog }) }, cleanups);
    const env = { XDG_CACHE_HOME: join(folder, 'xdg') };
    for (const _ of [1, 2]) assert.equal((await runCli(['list', '--config', file], { env })).code, 0);
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('writes large output whole to a slow reader', async () => {
    const { args } = await writeConfig({ a: scriptedServer({ tools: 5000 }) }, cleanups);
    const { code, stdout } = await runCli(['list', ...args, '--json', '--grace', '30000'], {
      readAfterMs: 3000,
    });
    assert.equal(code, 0);
    assert.equal(inventory(stdout).tools.length, 5000);
    const table = await runCli(['list', ...args]);
    assert.match(table.stdout, /^a__tool-4999 +a +The tool tool-4999$/m);
  });

  it('is no crash when the reader goes away', async () => {
    const { args } = await writeConfig({ a: scriptedServer({ tools: 5000 }) }, cleanups);
    const { child, ended } = startCli(['list', ...args, '--json', '--grace', '30000'], {
      readAfterMs: 60_000,
    });
    await once(child.stdout!, 'readable');
    child.stdout!.destroy();
    child.stderr!.resume();
    const { code, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('tells no secrets, however much it logs', async () => {
    const { args } = await writeConfig(
      {
        a: scriptedServer({ stderr: 'using k3y-in-env' }, { envFile: '.env' }),
        b: {
          url: 'http://127.0.0.1:9/?token=k3y-in-url',
          headers: { Authorization: 'Bearer k3y-in-header' },
        },
      },
      cleanups,
    );
    const { folder } = await writeConfig({}, cleanups);
    await writeFile(join(args[1]!, '..', '.env'), 'API_KEY=k3y-in-env');
    const { stdout, stderr } = await runCli(['list', ...args, '--verbose', '--json'], {
      env: { HOME: folder },
    });
    assert.match(stderr, /Ready in/);
    assert.doesNotMatch(stdout + stderr, /k3y/);
  });

  it('shows why a server whose old tools are listed did not start, and ends with 0', async () => {
    const folder = await temporaryFolder(cleanups);
    const run = async (server: Record<string, unknown>, ...more: string[]) => {
      const { file } = await writeConfig({ s: server }, cleanups);
      return runCli(['list', '--config', file, '--cache', join(folder, 'cache'), ...more]);
    };
    await run(scriptedServer({ tools: ['old'] }), '--grace', '30000');
    const gone = { command: 'no-such-command-anywhere' };
    const { code, stdout, stderr } = await run(gone);
    assert.equal(code, 0);
    assert.match(stdout, /s__old/);
    assert.match(stdout, /stale: what it offered before; failed: .*was not found/);
    assert.match(stderr, /s \(failed\): .*"no-such-command-anywhere" was not found/);
    const json = inventory((await run(gone, '--json')).stdout);
    assert.deepEqual([json.stale, json.omitted.map(({ reason }) => reason)], [['s'], ['failed']]);
  });

  it('names the kind that a server could not list, and lists the rest', async () => {
    const server = scriptedServer({ prompts: 1, resources: 1, fail: ['resources/list'] });
    const { args } = await writeConfig({ s: server }, cleanups);
    const run = (...more: string[]) => runCli(['list', ...args, '--grace', '30000', ...more]);
    const json = inventory((await run('--json')).stdout);
    assert.deepEqual(
      [json.tools.length, json.resources.length, json.resourceTemplates.length, json.prompts.length],
      [5, 0, 1, 1],
    );
    assert.deepEqual(
      json.omitted.map(({ server: of, kind, reason }) => ({ server: of, kind, reason })),
      [{ server: 's', kind: 'resources', reason: 'failed' }],
    );
    assert.match((await run()).stdout, /failed: Its resources could not be listed/);
  });
});
