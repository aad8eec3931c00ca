import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where npm runs scripts. */
const ROOT = process.cwd();

/** The bench's own servers, and what users run of ours. */
export const STDIO_SERVER = join(ROOT, 'bench', 'servers', 'stdio-server.mjs');
export const SDK_HTTP_SERVER = join(ROOT, 'bench', 'servers', 'sdk-http-server.mjs');
export const CLI = join(ROOT, 'dist', 'cli.js');

/** A program that goes on until it is stopped. */
export interface Program {
  readonly pid: number;
  /** What it said until it was ready. */
  readonly said: string;
  /** Bytes of memory of the process itself, as the system counts them. @throws where there is no `/proc` */
  readonly residentBytes: () => Promise<number>;
  /** The most that it had at any time. */
  readonly peakBytes: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Milliseconds that a program has to say that it is ready. */
const READY_MS = 60_000;

/**
 * Starts a program and waits until it says that it is ready.
 * @param ready what it says then, on either of its outputs
 * @throws with what it said, when it ends before or does not say it
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  ready: RegExp,
  options: SpawnOptions = {},
): Promise<Program> {
  // A group of its own, so that what it starts ends with it.
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...options });
  const said = await untilReady(child, ready).catch(async (error: unknown) => {
    await stopGroup(child);
    throw error;
  });
  const pid = child.pid as number;
  const memory = async (field: string): Promise<number> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1024;
  };
  return {
    pid,
    said,
    residentBytes: () => memory('VmRSS'),
    peakBytes: () => memory('VmHWM'),
    stop: () => stopGroup(child),
  };
}

async function untilReady(child: ChildProcess, ready: RegExp): Promise<string> {
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (why: string): void => {
        reject(new Error(`${child.spawnfile} ${why}: ${said.slice(-2000)}`));
      };
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          // What it says afterwards is read, so that it does not stand still, and forgotten.
          if (ready.test(said)) return;
          said += text;
          if (ready.test(said)) resolve(said);
        });
      child.once('error', reject);
      child.once('exit', () => {
        fail('ended');
      });
      timer = setTimeout(() => {
        fail('was not ready in time');
      }, READY_MS);
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds that a program has to end by itself. */
const END_MS = 3000;

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const pid = child.pid;
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // Nothing of it is left.
    }
  };
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  signal('SIGTERM');
  const timer = setTimeout(() => {
    signal('SIGKILL');
  }, END_MS);
  await ended;
  clearTimeout(timer);
  signal('SIGKILL');
}
