import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectLines } from './lines.js';
import { nodeForVscode, repoRoot } from './paths.js';
import { endProcessTree } from './processTree.js';
import { provisionVscode } from './provision.js';

const READY_TIMEOUT_MS = 60_000;

/** Settings that keep a test run quiet; a test's own settings win. */
const QUIET_SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'telemetry.telemetryLevel': 'off',
};

export interface VscodeFolders {
  /** Everything the server writes: settings, state, logs. */
  readonly dataDir: string;
  /** Installed extensions; `installExtension` and `linkExtension` fill it. */
  readonly extensionsDir: string;
}

export interface VscodeServerOptions extends VscodeFolders {
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** Variables for the server and its extension hosts; `undefined` removes an inherited one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets the server's output line by line; it is always kept in `<dataDir>/server.log`. */
  readonly log?: (line: string) => void;
}

export interface VscodeServer {
  readonly port: number;
  readonly dataDir: string;
  /** VS Code's own logs: one folder per start, in it one per extension host and extension. */
  readonly logs: string;
  /** The address of a window on `folder`. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** The address by which a window knows a file of this machine. */
  remoteUri(path: string): string;
  /** Ends the server, its extension hosts and what they started. */
  stop(): Promise<void>;
}

/** Starts a VS Code server on a free port of the loopback interface. */
export async function startVscodeServer(options: VscodeServerOptions): Promise<VscodeServer> {
  const { dataDir, extensionsDir } = options;
  const vscode = await provisionVscode();
  await writeUserSettings(dataDir, { ...QUIET_SETTINGS, ...options.userSettings });
  await mkdir(extensionsDir, { recursive: true });

  const child = spawn(
    nodeForVscode(),
    [
      join(vscode, 'out', 'server-main.js'),
      ...['--without-connection-token', '--host', 'localhost', '--port', '0'],
      ...['--telemetry-level', 'off', '--accept-server-license-terms', '--enable-smoke-test-driver'],
      ...folderArguments(options),
    ],
    { env: serverEnvironment(options.env), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const watchdog = watch(child);
  const output = collectLines(child, join(dataDir, 'server.log'), options.log);
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined) await endProcessTree(child.pid);
    // Only now: from here on nobody has to take over, and the watchdog finds nothing left to end.
    watchdog.stdin?.end();
    if (watchdog.exitCode === null) await once(watchdog, 'exit');
  };

  try {
    const port = Number(await output.match(/^Extension host agent listening on (\d+)/, READY_TIMEOUT_MS));
    return {
      port,
      dataDir,
      logs: join(dataDir, 'data', 'logs'),
      url: (folder, payload = []) => {
        const query = payload.length === 0 ? '' : `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
        return `http://localhost:${port}/?folder=${encodeURIComponent(folder)}${query}`;
      },
      remoteUri: (path) => `vscode-remote://localhost:${port}${path}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Merges settings into the user settings that a server with this data folder reads (and watches). */
export async function writeUserSettings(
  dataDir: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const folder = join(dataDir, 'data', 'User');
  const file = join(folder, 'settings.json');
  await mkdir(folder, { recursive: true });
  const existing = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...existing, ...settings }, undefined, 2));
}

export function folderArguments({ dataDir, extensionsDir }: VscodeFolders): string[] {
  return ['--server-data-dir', dataDir, '--extensions-dir', extensionsDir];
}

/** Without the variables of a VS Code or a Node test run around this one, which would leak into the server. */
export function serverEnvironment(extra: VscodeServerOptions['env']): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

function watch(child: ChildProcess): ChildProcess {
  const script = join(repoRoot, 'test', 'support', 'vscode', 'watchdog.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, String(child.pid)], {
    cwd: repoRoot,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}
