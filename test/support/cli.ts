import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './gateway.js';

const script = resolve('dist/cli.js');

let built: Promise<void> | undefined;

/** Builds what users run, unless it is newer than all that it is made of: tests in other processes may just be running it. */
export function buildCli(): Promise<void> {
  built ??= build();
  return built;
}

async function build(): Promise<void> {
  const madeAt = await changedAt(script);
  const sources = await readdir(resolve('src'), { recursive: true, withFileTypes: true });
  const paths = sources
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const changes = await Promise.all(
    [...paths, resolve('package.json'), resolve('esbuild.mjs')].map(changedAt),
  );
  if (Math.max(...changes) >= madeAt) await promisify(execFile)(process.execPath, ['esbuild.mjs']);
}

const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

export interface CliRun {
  /** Exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that it is started in; otherwise this process's. */
  readonly cwd?: string;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  /** Leaves its standard input open. */
  readonly keepInputOpen?: boolean;
  /** Milliseconds before its output is read; until then it backs up in the pipe. */
  readonly readAfterMs?: number;
}

/** A run of the command line that is still going on. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliRun>;
}

export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  });
  child.stdin.on('error', () => undefined);
  if (!options.keepInputOpen) child.stdin.end(options.input ?? '');
  const output = { stdout: '', stderr: '' };
  setTimeout(() => {
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk));
  }, options.readAfterMs ?? 0);
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal, ...output, ms: performance.now() - startedAt });
    });
  });
  return { child, ended };
}

export const runCli = (args: readonly string[], options?: CliOptions): Promise<CliRun> =>
  startCli(args, options).ended;

/** A config file and a cache folder of its own, as arguments of a command. */
export interface TestConfig {
  readonly folder: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** @param content text, or the servers */
export async function writeConfig(
  content: string | Record<string, unknown>,
  cleanups: (() => Promise<unknown>)[],
): Promise<TestConfig> {
  const folder = await temporaryFolder(cleanups);
  const file = join(folder, 'mcp.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify({ servers: content }));
  return { folder, file, args: ['--config', file, '--cache', join(folder, 'cache')] };
}

/** Whether a process of this id is there. */
export function isRunning(pid: number | string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}
