import { homedir } from 'node:os';
import { pathsOf } from '../base/pathsOf.js';

/** What a user's folders depend on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The machine of this process. */
export const thisMachine = (): Machine => ({ platform: process.platform, env: process.env, home: homedir() });

/**
 * Where this user's gateways keep what must survive a restart: below `XDG_STATE_HOME` (XDG Base Directory Specification
 * 0.8; it counts only when absolute), `~/Library/Application Support` or `LOCALAPPDATA`.
 */
export function stateDirectory({ platform, env, home }: Machine): string {
  return pathsOf(platform).join(stateRoot(platform, env, home), 'mcp-tool-gateway');
}

/**
 * The folder of the announcements, the same for every gateway of a user, with or without an editor. `XDG_STATE_HOME` does
 * not move it: clients hand on to `connect` only a few variables, and this is not among them.
 */
export const announcementDirectory = (machine: Machine): string =>
  pathsOf(machine.platform).join(fixedDirectory(machine), 'running');

/** The record of calls: one for all gateways of a user, so that it shows who used what, wherever that was. */
export const callsFile = (machine: Machine): string =>
  pathsOf(machine.platform).join(fixedDirectory(machine), 'calls.jsonl');

/** The tokens of this user's clients, shared by all gateways. */
export const tokensDirectory = (machine: Machine): string =>
  pathsOf(machine.platform).join(fixedDirectory(machine), 'tokens');

const fixedDirectory = ({ platform, env, home }: Machine): string =>
  stateDirectory({ platform, env: { ...env, XDG_STATE_HOME: undefined }, home });

function stateRoot(platform: NodeJS.Platform, env: Machine['env'], home: string): string {
  const paths = pathsOf(platform);
  if (platform === 'win32') return env['LOCALAPPDATA'] || paths.join(home, 'AppData', 'Local');
  if (platform === 'darwin') return paths.join(home, 'Library', 'Application Support');
  const xdg = env['XDG_STATE_HOME'];
  return xdg && paths.isAbsolute(xdg) ? xdg : paths.join(home, '.local', 'state');
}
