import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, thisMachine, workspaceFolder } from '../../../src/cli/folders.js';

describe('folders of the command line', () => {
  const own = join('mcp-tool-gateway', 'catalogs');
  const table: [NodeJS.Platform, Record<string, string>, string][] = [
    ['linux', {}, join('/home/me', '.cache', own)],
    ['linux', { XDG_CACHE_HOME: '/cache' }, join('/cache', own)],
    ['linux', { XDG_CACHE_HOME: 'relative' }, join('/home/me', '.cache', own)],
    ['linux', { XDG_CACHE_HOME: '' }, join('/home/me', '.cache', own)],
    ['darwin', { XDG_CACHE_HOME: '/cache' }, join('/home/me', 'Library', 'Caches', own)],
    ['win32', { LOCALAPPDATA: '/local' }, join('/local', own)],
    ['win32', {}, join('/home/me', 'AppData', 'Local', own)],
  ];
  for (const [platform, env, expected] of table)
    it(`caches on ${platform} with ${JSON.stringify(env)} in ${expected}`, () => {
      assert.equal(cacheDirectory({ platform, env, home: '/home/me' }), expected);
    });

  it('knows this machine', () => {
    assert.equal(thisMachine().home, homedir());
  });

  for (const [file, expected] of [
    ['/a/b/mcp.json', '/a/b'],
    ['/a/.vscode/mcp.json', '/a'],
    ['/a/x.vscode/mcp.json', '/a/x.vscode'],
    ['/mcp.json', '/'],
  ] as const)
    it(`takes ${file} to belong to ${expected}`, () => {
      assert.equal(workspaceFolder(file), expected);
    });
});
