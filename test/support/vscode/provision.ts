import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { nodeForVscode } from './paths.js';
import { provisionOnce } from './provisionOnce.js';

const CODE_SERVER_VERSION = '4.139.1';

/** To be raised when something else than the package's version changes what is provisioned. */
const REVISION = 3;

/**
 * Provides VS Code's server and workbench (code-server's `lib/vscode`) and returns its folder.
 *
 * The package cannot be a devDependency: its postinstall builds native modules that nothing here needs. With
 * `--ignore-scripts` it is plain JavaScript that runs on any Node 24; two of its native modules get a stand-in.
 */
export async function provisionVscode(): Promise<string> {
  return provisionOnce('vscode-server', `${CODE_SERVER_VERSION}-${REVISION}`, async (scratch) => {
    const download = join(scratch, 'download');
    await mkdir(download);
    await writeFile(join(download, 'package.json'), '{ "private": true }');
    await npm(['install', '--no-save', `code-server@${CODE_SERVER_VERSION}`], download);

    const vscode = join(download, 'node_modules', 'code-server', 'lib', 'vscode');
    await npm(['install'], vscode);
    for (const name of ['spdlog', 'native-watchdog']) {
      await cp(
        join(__dirname, 'standIns', `${name}.cjs`),
        join(vscode, 'node_modules', '@vscode', name, 'index.js'),
      );
    }
    await moveContents(vscode, scratch);
    await rm(download, { recursive: true, force: true });
  });
}

async function moveContents(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from)) await rename(join(from, entry), join(to, entry));
}

/** Runs npm quietly; its output is only of interest when it fails. */
async function npm(args: string[], cwd: string): Promise<void> {
  const all = [...args, '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // VS Code's own folder has a `.npmrc` and an `engines` that ask for Node 24: so does this child's PATH.
  const env = { ...process.env, PATH: dirname(nodeForVscode()) + delimiter + (process.env.PATH ?? '') };
  const child = spawn('npm', all, {
    cwd,
    env,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed (exit code ${code ?? 'none'}):\n${output}`);
}
