import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Machine } from '../endpoint/stateDirectory.js';

export type { Machine };

/** The machine of this process. */
export const thisMachine = (): Machine => ({ platform: process.platform, env: process.env, home: homedir() });

/**
 * Where this user's catalogs are cached: below `XDG_CACHE_HOME` (XDG Base Directory Specification 0.8; it counts only
 * when absolute), `~/Library/Caches` or `LOCALAPPDATA`.
 */
export function cacheDirectory({ platform, env, home }: Machine): string {
  return join(cacheRoot(platform, env, home), 'mcp-tool-gateway', 'catalogs');
}

function cacheRoot(platform: NodeJS.Platform, env: Machine['env'], home: string): string {
  if (platform === 'win32') return env['LOCALAPPDATA'] || join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  const xdg = env['XDG_CACHE_HOME'];
  return xdg && isAbsolute(xdg) ? xdg : join(home, '.cache');
}

/**
 * What `${workspaceFolder}` is for a config file: its folder, or the one above where it lies in `.vscode`.
 * @param file absolute path
 */
export function workspaceFolder(file: string): string {
  const folder = dirname(file);
  return basename(folder) === '.vscode' ? dirname(folder) : folder;
}
