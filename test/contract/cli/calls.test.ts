import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { callsFile } from '../../../src/endpoint/stateDirectory.js';
import type { CallRecord } from '../../../src/gateway/model/callRecord.js';
import { buildCli, runCli, startCli, writeConfig } from '../../support/cli.js';
import { ConnectClient } from '../../support/connectClient.js';
import { scriptedServer, temporaryFolder, until } from '../../support/gateway.js';
import { startServe } from '../../support/serve.js';

const records = (stdout: string): CallRecord[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CallRecord);

describe('CLI: calls', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('shows who called what with which outcome, and nothing of what was in it', async () => {
    const served = await startServe(
      { a: scriptedServer({ tools: ['echo', 'is-error', 'crash'] }) },
      cleanups,
    );
    const client = new ConnectClient(served.env.HOME!, [], cleanups);
    await client.initialize();
    const calls: [string, unknown][] = [
      ['a__echo', { secret: 'hunter2-alpha' }],
      ['a__echo', { secret: 'hunter2-alpha' }],
      ['a__echo', { secret: 'hunter2-beta' }],
      ['a__is-error', {}],
      ['a__crash', {}],
    ];
    for (const [index, [name, args]] of calls.entries())
      await client.request(`call-${index}`, 'tools/call', {
        name,
        arguments: args as Record<string, unknown>,
      });
    const { env } = served;
    const shown = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCli(['calls', ...args], { env });
      assert.deepEqual([code, stderr], [0, '']);
      return stdout;
    };
    await until(async () => records(await shown('--json')).length === calls.length, 'all are recorded');
    const all = records(await shown('--json'));
    assert.deepEqual(
      all.map(({ client, server, tool, outcome }) => [client, server, tool, outcome]),
      [
        ['connect-client 1', 'a', 'echo', 'ok'],
        ['connect-client 1', 'a', 'echo', 'ok'],
        ['connect-client 1', 'a', 'echo', 'ok'],
        ['connect-client 1', 'a', 'is-error', 'tool-error'],
        ['connect-client 1', 'a', 'crash', 'connection-lost'],
      ],
    );
    assert.ok(all.every(({ time, ms }) => ms >= 0 && Math.abs(Date.now() - time) < 60_000));
    assert.equal(all[0]!.args, all[1]!.args);
    assert.notEqual(all[0]!.args, all[2]!.args);
    const file = callsFile({ platform: process.platform, env, home: env.HOME! });
    assert.ok(!(await readFile(file, 'utf8')).includes('hunter2'));
    const text = await shown('--last', '2');
    assert.match(
      text,
      /^\S+ \S+ +\d+ ms {2}tool-error +a is-error +\(connect-client 1, arguments [0-9a-f]{12}\)\n/,
    );
    assert.equal(text.split('\n').length, 3);
  });

  it('follows the calls of other processes as they end', async () => {
    const home = await temporaryFolder(cleanups);
    const env = { HOME: home, XDG_STATE_HOME: home, LOCALAPPDATA: home };
    assert.match((await runCli(['calls'], { env })).stdout, /^No calls are recorded yet/);
    assert.equal((await runCli(['calls', '--json'], { env })).stdout, '');
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const { child, ended } = startCli(['calls', '--follow', '--json'], { env, keepInputOpen: true });
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer | string) => (seen += chunk.toString()));
    for (let run = 1; run <= 2; run++) {
      const { code } = await runCli(['call', 'a__echo', '{}', '--grace', '30000', ...args], { env });
      assert.equal(code, 0);
      await until(() => records(seen).length === run, `call ${run} is shown`);
    }
    assert.deepEqual(
      records(seen).map(({ client, tool }) => [client, tool]),
      [
        ['command line', 'echo'],
        ['command line', 'echo'],
      ],
    );
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
  });

  it('calls go on where the record cannot be written, and that is said once', async () => {
    const { file, args } = await writeConfig({ a: scriptedServer() }, cleanups);
    // The home folder is a file.
    const env = { HOME: file, XDG_STATE_HOME: file, LOCALAPPDATA: file };
    const { code, stdout, stderr } = await runCli(['call', 'a__echo', '{}', '--grace', '30000', ...args], {
      env,
    });
    assert.deepEqual([code, stdout], [0, '{}\n']);
    assert.match(stderr, /The record of calls could not be written/);
  });
});
