import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { StdioLaunch } from '../../../../src/gateway/model/definition.js';
import { only } from './parsing.js';

describe('one server of the settings', () => {
  it('reads a program with its defaults', async () => {
    const { fingerprint, ...rest } = await only({ command: 'npx' });
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual(rest, {
      id: 'a',
      title: 'a',
      launch: { type: 'stdio', command: 'npx', args: [], env: {}, cwd: '/work' },
      filter: { include: undefined, exclude: [] },
      timeouts: { connectMs: 60_000, callMs: 120_000, listMs: 60_000, drainMs: 10_000 },
      maxConcurrency: 32,
      agentMode: true,
      questions: 'during-calls',
      envNames: [],
    });
  });

  it('reads every field', async () => {
    const definition = await only({
      type: 'stdio',
      command: '~/bin/server',
      args: ['${workspaceFolder}/x', '~/y', 'a~/b', '~bob/c'],
      env: { TEXT: '${env:TOKEN}', NUMBER: 1, FLAG: true, GONE: null, BOTH: 'env' },
      envFile: '.env',
      cwd: 'sub',
      title: ' Title ',
      disabled: false,
      tools: { include: ['read_*'], exclude: ['*_all'] },
      timeouts: { connectMs: 1, callMs: 2, listMs: 3, drainMs: 600_000 },
      maxConcurrency: 1000,
      agentMode: false,
    });
    assert.equal(definition.title, 'Title');
    assert.deepEqual(definition.launch, {
      type: 'stdio',
      command: '/home/me/bin/server',
      args: ['/work/x', '/home/me/y', 'a~/b', '~bob/c'],
      env: {
        FROM_FILE: 'file',
        RAW: '${userHome}',
        BOTH: 'env',
        TEXT: 's3cret',
        NUMBER: '1',
        FLAG: 'true',
        GONE: null,
      },
      cwd: resolve('/work/sub'),
    });
    assert.deepEqual(definition.filter, { include: ['read_*'], exclude: ['*_all'] });
    assert.deepEqual(definition.timeouts, { connectMs: 1, callMs: 2, listMs: 3, drainMs: 600_000 });
    assert.equal(definition.maxConcurrency, 1000);
    assert.equal(definition.agentMode, false);
  });

  it('knows the same server again, whatever its timeouts, its concurrency and who may have it', async () => {
    const [plain, tuned] = await Promise.all([
      only({ command: 'npx' }),
      only({
        command: 'npx',
        timeouts: { callMs: 1, listMs: 2, drainMs: 3 },
        maxConcurrency: 4,
        agentMode: false,
      }),
    ]);
    assert.equal(tuned.fingerprint, plain.fingerprint);
  });

  const launches: [string, object, object][] = [
    ['a URL', { url: 'https://x/mcp' }, { type: 'http', url: 'https://x/mcp', headers: {} }],
    ['a URL of type sse', { type: 'sse', url: 'http://x/' }, { type: 'sse', url: 'http://x/', headers: {} }],
    [
      'streamable-http',
      { type: 'streamable-http', url: 'http://x/' },
      { type: 'http', url: 'http://x/', headers: {} },
    ],
    [
      "VS Code's transport",
      { type: 'http', transport: 'sse', url: 'http://x/' },
      { type: 'sse', url: 'http://x/', headers: {} },
    ],
    [
      'headers',
      { url: 'http://x/', headers: { A: 'Bearer ${env:TOKEN}' } },
      { type: 'http', url: 'http://x/', headers: { A: 'Bearer s3cret' } },
    ],
    [
      'a home directory out of a variable',
      { command: '${env:TILDE}' },
      { type: 'stdio', command: '/home/me/x', args: [], env: {}, cwd: '/work' },
    ],
    [
      'an env file at home',
      { command: 'x', envFile: '~/.env', cwd: '~' },
      { type: 'stdio', command: 'x', args: [], env: { HOME_FILE: 'yes' }, cwd: '/home/me' },
    ],
    [
      'both, and a type to choose',
      { type: 'stdio', command: 'x', headers: {} },
      { type: 'stdio', command: 'x', args: [], env: {}, cwd: '/work' },
    ],
    [
      'a variable named constructor',
      { command: 'x', env: { constructor: 'y' } },
      { type: 'stdio', command: 'x', args: [], env: { constructor: 'y' }, cwd: '/work' },
    ],
  ];
  for (const [what, entry, launch] of launches) {
    it(`reads ${what}`, async () => {
      assert.deepEqual((await only(entry)).launch, launch);
    });
  }

  const copied: Record<string, object> = {
    "VS Code's mcp.json, a program": {
      type: 'stdio',
      command: 'uvx',
      args: ['mcp-server-time'],
      env: { A: 'x', N: 3, GONE: null },
      dev: { watch: 'src/**', debug: { type: 'node' } },
      gallery: 'https://example.com',
      version: '1.2.3',
      sandboxEnabled: false,
    },
    "VS Code's mcp.json, a URL": {
      type: 'http',
      url: 'https://example.com/mcp',
      headers: {},
      gallery: true,
      version: '0.1',
      oauth: { clientId: 'x' },
    },
    'Claude Desktop': { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'], env: {} },
    'other programs': {
      command: 'x',
      autoApprove: [],
      alwaysAllow: ['a'],
      description: 'text',
      disabled: false,
    },
  };
  for (const [what, entry] of Object.entries(copied)) {
    it(`takes an entry of ${what} without a word`, async () => {
      await only(entry);
    });
  }

  it('is not harmed by an env name or a header "__proto__"', async () => {
    const { env } = (await only({ command: 'x', env: JSON.parse('{"__proto__":"y","A":"b"}') as object }))
      .launch as StdioLaunch;
    assert.deepEqual(Object.entries(env), [['A', 'b']]);
    assert.equal(Object.getPrototypeOf(env), Object.prototype);
    const headers = JSON.parse('{"__proto__":"y"}') as object;
    assert.deepEqual((await only({ url: 'http://x/', headers })).launch, {
      type: 'http',
      url: 'http://x/',
      headers: {},
    });
  });
});
