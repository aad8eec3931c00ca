import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeForVscode } from './paths.js';
import { provisionVscode } from './provision.js';
import { type VscodeFolders, folderArguments, serverEnvironment } from './server.js';

/** Installs a packaged extension (a `.vsix`) where a server with the same folders will find it. */
export async function installExtension(vsix: string, folders: VscodeFolders): Promise<void> {
  const vscode = await provisionVscode();
  const main = join(vscode, 'out', 'server-main.js');
  const args = [
    main,
    '--install-extension',
    vsix,
    '--accept-server-license-terms',
    ...folderArguments(folders),
  ];
  await promisify(execFile)(nodeForVscode(), args, { env: serverEnvironment({}), timeout: 120_000 }).catch(
    (error: unknown) => {
      const { stderr = String(error) } = error as { stderr?: string };
      throw new Error(`${vsix} could not be installed: ${stderr.trim()}`);
    },
  );
}

/**
 * Makes the extension in `source` an installed one without packaging it. Only before the first server starts
 * with this extensions folder: from then on VS Code keeps a list of what is installed.
 */
export async function linkExtension(source: string, extensionsDir: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Record<string, string>;
  await mkdir(extensionsDir, { recursive: true });
  await symlink(
    source,
    join(extensionsDir, `${manifest.publisher}.${manifest.name}-${manifest.version}`),
    'dir',
  );
}
