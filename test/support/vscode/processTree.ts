import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** A process, told apart from a later one that got the same id by the time it started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
}

/** The process `root` and all its descendants, whatever process group they are in. */
export function processTree(root: number): ProcessIdentity[] {
  const all = listProcesses();
  const tree = all.filter((entry) => entry.pid === root);
  // The array grows while it is walked, until nobody in it has a child that is not in it yet.
  for (const { pid } of tree) tree.push(...all.filter((entry) => entry.parent === pid));
  return tree;
}

export function isAlive(wanted: ProcessIdentity): boolean {
  return listProcesses().some((entry) => entry.pid === wanted.pid && entry.started === wanted.started);
}

/** Sends `signal` to those of the processes that still live. */
export function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const entry of processes) {
    if (!isAlive(entry)) continue;
    try {
      process.kill(entry.pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }
}

/**
 * Ends a process and all that descends from it: asks first, then kills what is left after `graceMs`.
 * Descendants are looked up before anything ends, because afterwards they have no parent to be found by.
 */
export async function endProcessTree(root: number, graceMs = 3_000): Promise<void> {
  const tree = processTree(root);
  signalAll(tree.slice(0, 1), 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline && tree.some(isAlive)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  signalAll(tree, 'SIGKILL');
}

function listProcesses(): ProcessIdentity[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

function fromProc(): ProcessIdentity[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The second field, the command's name, may hold blanks and brackets; the rest starts after the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state, parent] = fields;
      // A zombie has ended; only its parent has not looked yet.
      return state === 'Z' ? [] : [{ pid, parent: Number(parent), started: fields[19] ?? '' }];
    } catch {
      return []; // It ended while the folder was read.
    }
  });
}

function fromPs(): ProcessIdentity[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*\S)/.exec(line);
    return match === null
      ? []
      : [{ pid: Number(match[1]), parent: Number(match[2]), started: match[3] ?? '' }];
  });
}
