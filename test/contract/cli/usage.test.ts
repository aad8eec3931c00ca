import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCli, runCli, writeConfig } from '../../support/cli.js';
import { scriptedServer, spawns } from '../../support/gateway.js';

describe('CLI: usage and config', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const wrong: [string, string[], RegExp][] = [
    ['no command', [], /No command was given.*Usage:/s],
    ['an unknown command', ['lits'], /unknown command 'lits'.*Did you mean list/s],
    ['no config', ['list'], /'-c, --config <file>' not specified/],
    ['an unknown option', ['list', '--config', 'x', '--jsn'], /unknown option '--jsn'.*--json/s],
    ['a grace that is no number', ['list', '--config', 'x', '--grace', 'soon'], /whole number from 0/],
    ['a grace below zero', ['list', '--config', 'x', '--grace=-1'], /whole number from 0/],
    ['too many arguments', ['list', '--config', 'x', 'y'], /too many arguments/],
    ['no tool', ['call', '--config', 'x'], /missing required argument 'name'/],
    [
      'a config that is not there',
      ['list', '--config', 'nope.json'],
      /nope\.json does not exist\..*--config/,
    ],
    ['a config that is a folder', ['list', '--config', 'src'], /src is not a file/],
    ['a config without servers', ['list', '--config', 'package.json'], /neither "servers" nor "mcpServers"/],
  ];
  for (const [what, args, message] of wrong)
    it(`exits 2 for ${what}`, async () => {
      const { code, stdout, stderr } = await runCli(args);
      assert.match(stderr, message);
      assert.deepEqual([code, stdout], [2, '']);
    });

  const wrongConfigs: [string, string | Record<string, unknown>, RegExp][] = [
    [
      'broken JSON',
      '{\n  "servers": {\n    "a" {}\n  }\n}',
      /mcp\.json is not valid JSON at line 3, column 9: colon expected/,
    ],
    ['an empty file', '', /mcp\.json is empty/],
    ['no server', {}, /has no server that can run/],
    ['disabled servers only', { a: { command: 'x', disabled: true } }, /has no server that can run/],
    ['servers of a wrong type', '{"servers":[]}', /"servers" must be an object/],
    [
      'a server without command and url',
      { a: {} },
      /servers\.a\.command: "command" is missing, and "url" too/,
    ],
    ['an unknown type', { a: { type: 'ws', url: 'http://x' } }, /servers\.a\.type: "type" must be/],
    ['wrong types', { a: { command: 'x', args: 'y' } }, /servers\.a\.args: "args" must be a list/],
    [
      'a broken filter',
      { a: { command: 'x', tools: { exclude: ['[x'] } } },
      /servers\.a\.tools\.exclude\.0:.*cannot be used/,
    ],
    [
      'an input variable',
      { a: { command: 'x', args: ['${input:key}'] } },
      /servers\.a\.args\.0:.*not supported yet/,
    ],
    [
      'Claude Desktop’s key',
      '{"mcpServers":{"a":{"url":"x"}}}',
      /mcpServers\.a\.url: "url" is not an address/,
    ],
  ];
  for (const [what, content, message] of wrongConfigs)
    it(`exits 2 for a config with ${what}`, async () => {
      const { args } = await writeConfig(content, cleanups);
      const { code, stdout, stderr } = await runCli(['list', ...args]);
      assert.match(stderr, message);
      assert.deepEqual([code, stdout], [2, '']);
    });

  it('prints help and version to standard output', async () => {
    const [help, version] = await Promise.all([runCli(['--help']), runCli(['--version'])]);
    assert.match(help.stdout, /list \[options\].*call \[options\] <name> \[arguments\].*Exit codes:/s);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    assert.deepEqual([help.code, help.stderr, version.code, version.stderr], [0, '', 0, '']);
  });

  const wrongCalls: [string, string[], RegExp][] = [
    ['an unknown name', ['good__ecko'], /no tool named "good__ecko".*Did you mean good__echo/],
    ['bad JSON', ['good__echo', '{value: 1}'], /not valid JSON at line 1, column 2.*single quotes/],
    ['no arguments on standard input', ['good__echo', '-'], /not valid JSON/],
    ['arguments that are no object', ['good__echo', '[1]'], /not a JSON object/],
    ['missing arguments', ['good__strict', '{}'], /do not fit.*"text" is required/],
    ['arguments of a wrong type', ['good__strict', '{"text":1}'], /do not fit.*text/],
  ];
  for (const [what, call, message] of wrongCalls)
    it(`exits 2 for a call with ${what}, and runs nothing`, async () => {
      const toolDefs = [
        { name: 'echo', inputSchema: { type: 'object' } },
        {
          name: 'strict',
          inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
        },
      ];
      const { args } = await writeConfig({ good: scriptedServer({ toolDefs }) }, cleanups);
      const { code, stdout, stderr } = await runCli(['call', ...args, ...call]);
      assert.match(stderr, message);
      assert.deepEqual([code, stdout], [2, '']);
    });

  it('takes paths and ${workspaceFolder} from the folder of the config, or from above .vscode', async () => {
    const { folder } = await writeConfig({}, cleanups);
    const file = join(folder, '.vscode', 'mcp.json');
    const spawnLog = join(folder, 'spawns');
    await mkdir(join(folder, '.vscode'));
    await writeFile(join(folder, '.env'), `SCRIPT=${JSON.stringify({ spawnLog })}`);
    const { env: _, ...server } = scriptedServer();
    await writeFile(
      file,
      JSON.stringify({
        mcpServers: {
          a: { ...server, envFile: '${workspaceFolder}/.env' },
          b: { ...server, envFile: '.env' },
        },
      }),
    );
    const { code, stderr } = await runCli(['list', '--config', file, '--cache', join(folder, 'cache')]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal((await spawns(spawnLog)).length, 2);
  });
});
