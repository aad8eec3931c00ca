import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { proveOnce } from './dial.js';
import { UnprovenError, type Place, type Unproven } from './place.js';
import { socketFault as faultOf } from './trustedSocket.js';
import { findRunning } from '../announcement/findRunning.js';
import type { Running } from '../announcement/record.js';

/** A gateway that runs and has proved itself. */
export interface Found extends Place {
  readonly pid: number;
  /** Characters of its workspace folder that the current folder is in; 0 when it is in none. */
  readonly match: number;
  /** Why its socket is not used though it has one. */
  readonly socketFault?: string;
}

/** A process that announced itself and did not prove that it is a gateway. */
export interface Failure {
  readonly pid: number;
  readonly kind: Unproven;
  /** In one sentence. */
  readonly message: string;
}

export interface Search {
  /** The folder of the announcements. */
  readonly directory: string;
  /** The folder that a gateway should be for. */
  readonly cwd: string;
  /** The one server that is wanted, by its id; all of them where it is missing. */
  readonly server: string | undefined;
}

/** A gateway, or what there is instead: those without the wanted server and what servers they have, and those without a proof. */
export type Location =
  | { readonly found: Found }
  | {
      readonly found: undefined;
      readonly servers: readonly string[] | undefined;
      readonly failures: readonly Failure[];
    };

/** What a user is told of a process that did not prove itself. */
export const unprovenText = ({ pid, kind, message }: Failure): string =>
  `Process ${pid} announced a gateway, but it was sent nothing. ${message} ${
    kind === 'silent'
      ? 'If it stays so, end it, or reload its window.'
      : 'Update it and start it again, or reload its window.'
  }`;

/** Processes that are asked for a proof at the same time. */
const MAX_CANDIDATES = 64;

interface Candidate {
  readonly running: Running;
  readonly match: number;
}

/**
 * Looks for a gateway: the one whose workspace folder holds the current folder, the longest such folder first; else the
 * newest; of those that prove themselves in time, so that one that hangs holds nobody up. Never throws.
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
    .sort((a, b) => b.match - a.match)
    .slice(0, MAX_CANDIDATES);
  const others = new AbortController();
  let servers: string[] | undefined;
  const failures: Failure[] = [];
  try {
    // All at once, and taken in order.
    for (const outcome of wanted.map((candidate) => tried(candidate, others.signal))) {
      const { running, found, failure } = await outcome;
      if (failure) failures.push(failure);
      if (!found) continue;
      if (server === undefined) return { found };
      if (running.servers.includes(server))
        return { found: { ...found, url: `${found.url}/${encodeURIComponent(server)}` } };
      servers = [...(servers ?? []), ...running.servers];
    }
  } finally {
    others.abort();
  }
  return { found: undefined, servers: servers && [...new Set(servers)], failures };
}

interface Outcome {
  readonly running: Running;
  readonly found?: Found;
  readonly failure?: Failure;
}

/** By its socket, or by its port where the socket is somebody else's by now: that can prove itself, too. Never throws. */
async function tried({ running, match }: Candidate, signal: AbortSignal): Promise<Outcome> {
  const { url, socket, token, pid } = running;
  const port: Found = { url, token, pid, match };
  if (socket === undefined) return proven(running, port, signal);
  const socketFault = await faultOf(socket);
  if (socketFault !== undefined) return proven(running, { ...port, socketFault }, signal);
  const bySocket = await proven(running, { ...port, socket }, signal);
  if (bySocket.found || bySocket.failure?.kind === 'silent') return bySocket;
  const lost = `what is at ${socket} is not this gateway any more`;
  const byPort = await proven(running, { ...port, socketFault: lost }, signal);
  return byPort.found ? byPort : bySocket;
}

async function proven(running: Running, found: Found, signal: AbortSignal): Promise<Outcome> {
  try {
    await proveOnce(found, signal);
    return { running, found };
  } catch (error) {
    if (!(error instanceof UnprovenError)) return { running };
    return { running, failure: { pid: running.pid, kind: error.kind, message: error.message } };
  }
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
