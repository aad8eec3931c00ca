import { readdir, readFile } from 'node:fs/promises';

/**
 * The process groups in which something lives, on Linux; `undefined` where that cannot be told. A zombie does not live:
 * in a container whose first process takes no note of orphans they stay, and keep their group in the system's list.
 */
export async function liveGroups(): Promise<ReadonlySet<number> | undefined> {
  if (process.platform !== 'linux') return undefined;
  const names = await readdir('/proc').catch(() => []);
  const stats = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  // After the name in brackets, which may hold anything: state, parent, group.
  const live = stats.flatMap((stat) => {
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === undefined || state === 'Z' || state === 'X' ? [] : [Number(group)];
  });
  return live.length === 0 ? undefined : new Set(live);
}
