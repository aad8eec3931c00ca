import assert from 'node:assert/strict';
import { posix, resolve, win32 } from 'node:path';
import { cacheDirectory, workspaceFolder } from '../../../src/cli/folders.js';

describe('folders of the command line', () => {
  const own = 'mcp-tool-gateway/catalogs';
  const table: [NodeJS.Platform, Record<string, string>, string][] = [
    ['linux', {}, posix.join('/home/me', '.cache', own)],
    ['linux', { XDG_CACHE_HOME: '/cache' }, posix.join('/cache', own)],
    ['linux', { XDG_CACHE_HOME: 'relative' }, posix.join('/home/me', '.cache', own)],
    ['linux', { XDG_CACHE_HOME: '' }, posix.join('/home/me', '.cache', own)],
    ['darwin', { XDG_CACHE_HOME: '/cache' }, posix.join('/home/me', 'Library', 'Caches', own)],
    ['win32', { LOCALAPPDATA: 'D:\\local' }, win32.join('D:\\local', own)],
    ['win32', {}, win32.join('/home/me', 'AppData', 'Local', own)],
  ];
  for (const [platform, env, expected] of table)
    it(`caches on ${platform} with ${JSON.stringify(env)} in ${expected}`, () => {
      assert.equal(cacheDirectory({ platform, env, home: '/home/me' }), expected);
    });

  for (const [file, expected] of [
    ['/a/b/mcp.json', '/a/b'],
    ['/a/.vscode/mcp.json', '/a'],
    ['/a/x.vscode/mcp.json', '/a/x.vscode'],
    ['/mcp.json', '/'],
  ] as const)
    it(`takes ${file} to belong to ${expected}`, () => {
      assert.equal(workspaceFolder(resolve(file)), resolve(expected));
    });
});
