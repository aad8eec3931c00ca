import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isAlive } from '../support/gateway.js';

const preload = resolve('test/fixtures/spawn-log.cjs');

/** How far back one looks for something to kill. */
const NEWEST = 20;

/** The processes of a run's servers, by what they themselves wrote down when they started. */
export class Processes {
  readonly #folder: string;
  readonly #log: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#log = join(folder, 'processes');
  }

  /** What makes a server, and whatever Node processes it starts, write themselves down. */
  environment(server: string): Record<string, string> {
    return { NODE_OPTIONS: `--require "${preload}"`, SPAWN_LOG: this.#log, SPAWN_NAME: server };
  }

  /** All that were ever started, of one server or of all, the newest last. */
  async started(server?: string): Promise<number[]> {
    const text = await readFile(this.#log, 'utf8').catch(() => '');
    return text
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([name, pid]) => pid !== undefined && (server === undefined || name === server))
      .map(([, pid]) => Number(pid));
  }

  /** Some of one server that run now: those among its newest. */
  async newest(server: string): Promise<number[]> {
    return this.#ours((await this.started(server)).slice(-NEWEST), server);
  }

  /** Whatever of a server or of the whole run is there, written down or not. */
  async present(server?: string): Promise<number[]> {
    const pids = new Set(await this.started(server));
    if (process.platform === 'linux')
      for (const name of await readdir('/proc')) if (/^\d+$/.test(name)) pids.add(Number(name));
    return this.#ours(pids, server);
  }

  /** A number alone could by now be somebody else's; on Linux the environment tells whose process it is. */
  async #ours(pids: Iterable<number>, server: string | undefined): Promise<number[]> {
    const ours: number[] = [];
    for (const pid of pids) {
      if (!isAlive(pid)) continue;
      if (process.platform === 'linux') {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
        if (!environment.includes(this.#folder)) continue;
        if (server !== undefined && !environment.includes(`SPAWN_NAME=${server}\0`)) continue;
      }
      ours.push(pid);
    }
    return ours;
  }
}

/** Direct children of this process; on Linux only. */
export async function children(): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const tasks = await readdir('/proc/self/task');
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number)).filter(isAlive);
}

/** @returns whether there was such a process */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
