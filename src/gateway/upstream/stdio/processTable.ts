import { readdir, readFile } from 'node:fs/promises';

/** What the system tells of one process. */
export interface ProcessEntry {
  readonly group: number;
  /** As in `/proc/<pid>/stat`: `R` wants a processor, `Z` and `X` have ended. */
  readonly state: string;
  /** Processor time that it and those of its children that have ended have used, in the system's ticks of some 10 ms. */
  readonly ticks: number;
}

/** One process, on Linux; `undefined` where there is none or that cannot be told. */
export async function readProcess(pid: number | string): Promise<ProcessEntry | undefined> {
  if (process.platform !== 'linux') return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name in brackets, which may hold anything: state, parent, group, and from the 12th on the times.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  if (state === undefined || group === undefined) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { group: Number(group), state, ticks };
}

/** All processes, on Linux. */
export async function readProcesses(): Promise<readonly ProcessEntry[]> {
  if (process.platform !== 'linux') return [];
  const names = await readdir('/proc').catch(() => []);
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readProcess));
  return entries.filter((entry) => entry !== undefined);
}

/**
 * The process groups in which something lives, on Linux; `undefined` where that cannot be told. A zombie does not live:
 * in a container whose first process takes no note of orphans they stay, and keep their group in the system's list.
 */
export async function liveGroups(): Promise<ReadonlySet<number> | undefined> {
  const live = (await readProcesses()).filter(({ state }) => state !== 'Z' && state !== 'X');
  return live.length === 0 ? undefined : new Set(live.map(({ group }) => group));
}
