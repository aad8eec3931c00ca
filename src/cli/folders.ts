import { basename, dirname } from 'node:path';
import { pathsOf } from '../base/pathsOf.js';
import type { Machine } from '../endpoint/stateDirectory.js';

/**
 * Where this user's catalogs are cached: below `XDG_CACHE_HOME` (XDG Base Directory Specification 0.8; it counts only
 * when absolute), `~/Library/Caches` or `LOCALAPPDATA`.
 */
export function cacheDirectory({ platform, env, home }: Machine): string {
  return pathsOf(platform).join(cacheRoot(platform, env, home), 'mcp-tool-gateway', 'catalogs');
}

function cacheRoot(platform: NodeJS.Platform, env: Machine['env'], home: string): string {
  const paths = pathsOf(platform);
  if (platform === 'win32') return env['LOCALAPPDATA'] || paths.join(home, 'AppData', 'Local');
  if (platform === 'darwin') return paths.join(home, 'Library', 'Caches');
  const xdg = env['XDG_CACHE_HOME'];
  return xdg && paths.isAbsolute(xdg) ? xdg : paths.join(home, '.cache');
}

/**
 * What `${workspaceFolder}` is for a config file: its folder, or the one above where it lies in `.vscode`.
 * @param file absolute path
 */
export function workspaceFolder(file: string): string {
  const folder = dirname(file);
  return basename(folder) === '.vscode' ? dirname(folder) : folder;
}
