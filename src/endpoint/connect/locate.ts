import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { findRunning } from '../announcement/findRunning.js';
import { isReachable } from '../announcement/isReachable.js';
import type { Running } from '../announcement/record.js';

/** Where a session is opened. */
export interface Place {
  readonly url: string;
  readonly token: string;
}

/** A gateway that runs and lets itself be reached. */
export interface Found extends Place {
  readonly pid: number;
  /** Characters of its workspace folder that the current folder is in; 0 when it is in none. */
  readonly match: number;
}

export interface Search {
  /** The folder of the announcements. */
  readonly directory: string;
  /** The folder that a gateway should be for. */
  readonly cwd: string;
  /** The one server that is wanted, by its id; all of them where it is missing. */
  readonly server: string | undefined;
}

/** A gateway, or what there is instead: none, or those without the wanted server and what servers they have. */
export type Location =
  { readonly found: Found } | { readonly found: undefined; readonly servers: readonly string[] | undefined };

/**
 * Looks for a gateway: the one whose workspace folder holds the current folder, the longest such folder first; else the
 * newest. Never throws.
 * @param leastMatch leaves out those with a shorter workspace folder around the current one
 * @param unusable origins that are left out, because what listens there is no gateway, or none that can be used
 */
export async function locate(
  { directory, cwd, server }: Search,
  leastMatch = 0,
  unusable: ReadonlySet<string> = new Set(),
): Promise<Location> {
  const here = await realPath(cwd);
  const ranked = await Promise.all(
    (await findRunning(directory)).map(async (running) => ({ running, match: await matchOf(running, here) })),
  );
  const wanted = ranked
    .filter(({ running, match }) => match >= leastMatch && !unusable.has(new URL(running.url).origin))
    .sort((a, b) => b.match - a.match);
  let servers: string[] | undefined;
  for (const { running, match } of wanted) {
    // A process may have got the id of a gateway that was killed.
    if (!(await isReachable(running.url))) continue;
    const { url, token, pid } = running;
    if (server === undefined) return { found: { url, token, pid, match } };
    if (running.servers.includes(server))
      return { found: { url: `${url}/${encodeURIComponent(server)}`, token, pid, match } };
    servers = [...(servers ?? []), ...running.servers];
  }
  return { found: undefined, servers: servers && [...new Set(servers)] };
}

async function matchOf({ folders }: Running, cwd: string): Promise<number> {
  const around = (await Promise.all(folders.map(realPath))).filter((folder) => contains(folder, cwd));
  return Math.max(0, ...around.map((folder) => folder.length));
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

const realPath = (path: string): Promise<string> => realpath(path).catch(() => path);
