import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';

/** What tells a process from every other that had or will have its number, as far as the system says. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words. */
  readonly start?: string;
  /** The boot that its numbers belong to. */
  readonly boot?: string;
  /** The namespace that its number belongs to: a sandbox may have one of its own. */
  readonly space?: string;
}

/**
 * `alive`: this very process runs. `gone`: it has ended, whether or not another has its number now. `unknown`: that cannot be
 * told from here.
 */
export type ProcessState = 'alive' | 'gone' | 'unknown';

const PS_MS = 1000;
const PS_BYTES = 4096;

/** Who this process is. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const { pid } = process;
  const parts = Object.entries({
    start: (await startOf(pid))?.start,
    boot: await bootId(),
    space: await pidSpace(),
  }).filter(([, value]) => value !== undefined);
  return { pid, ...Object.fromEntries(parts) };
}

/** Whether a process that said this of itself still runs. */
export async function stateOf(identity: ProcessIdentity): Promise<ProcessState> {
  const { pid, start, boot, space } = identity;
  const [ownBoot, ownSpace] = await Promise.all([bootId(), pidSpace()]);
  if (boot !== undefined && ownBoot !== undefined && boot !== ownBoot) return 'gone';
  if (space !== ownSpace && space !== undefined) return 'unknown';
  if (!mayExist(pid)) return 'gone';
  const now = await startOf(pid);
  if (now?.ended) return 'gone';
  if (now === undefined || start === undefined) return 'unknown';
  return now.start === start ? 'alive' : 'gone';
}

/** A process of another user exists too. */
function mayExist(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

interface Start {
  readonly start: string;
  /** It only waits for its parent to take note of its end. */
  readonly ended: boolean;
}

/** @returns `undefined` where the system does not say: Windows has no quick way without native code */
async function startOf(pid: number): Promise<Start | undefined> {
  if (process.platform === 'linux') return startInProc(pid).catch(() => undefined);
  return process.platform === 'win32' ? undefined : startByPs(pid);
}

/** proc_pid_stat(5): field 3 is the state, field 22 the start in clock ticks since the boot. */
async function startInProc(pid: number): Promise<Start | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name in brackets, which may itself have any character.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = fields[18];
  return start === undefined || state === undefined ? undefined : { start, ended: /[ZXx]/.test(state) };
}

/** A sandbox may not let `ps` run. */
export function startByPs(pid: number): Promise<Start | undefined> {
  return new Promise((resolve) => {
    execFile(
      'ps',
      ['-o', 'state=,lstart=', '-p', String(pid)],
      { timeout: PS_MS, maxBuffer: PS_BYTES, env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' } },
      (error, stdout) => {
        const [, state, start] = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(stdout) ?? [];
        resolve(
          error || state === undefined || start === undefined
            ? undefined
            : { start, ended: state.startsWith('Z') },
        );
      },
    );
  });
}

const bootId = (): Promise<string | undefined> =>
  process.platform === 'linux'
    ? readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
        (text) => text.trim(),
        () => undefined,
      )
    : Promise.resolve(undefined);

const pidSpace = (): Promise<string | undefined> =>
  process.platform === 'linux'
    ? readlink('/proc/self/ns/pid').catch(() => undefined)
    : Promise.resolve(undefined);
