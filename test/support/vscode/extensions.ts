import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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
 * Makes the extension in `source` an installed one without packaging it, for servers that start afterwards.
 * Linking it again changes nothing.
 */
export async function linkExtension(source: string, extensionsDir: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Manifest;
  const id = `${manifest.publisher}.${manifest.name}`;
  const relativeLocation = `${id}-${manifest.version}`;
  const link = join(extensionsDir, relativeLocation);
  await mkdir(extensionsDir, { recursive: true });
  await rm(link, { force: true });
  await symlink(source, link, 'dir');

  // VS Code's list of what is installed; without an entry in it, the folder is taken for a left-over.
  const file = join(extensionsDir, 'extensions.json');
  const list = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as InstalledExtension[];
  const entry: InstalledExtension = {
    identifier: { id },
    version: manifest.version,
    location: { $mid: 1, path: link, scheme: 'file' },
    relativeLocation,
  };
  await writeFile(file, JSON.stringify([...list.filter(({ identifier }) => identifier.id !== id), entry]));
}

interface Manifest {
  readonly publisher: string;
  readonly name: string;
  readonly version: string;
}

interface InstalledExtension {
  readonly identifier: { readonly id: string };
  readonly version: string;
  /** A URI in the form in which VS Code writes it. */
  readonly location: { readonly $mid: 1; readonly path: string; readonly scheme: 'file' };
  readonly relativeLocation: string;
}
