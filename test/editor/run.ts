/**
 * `npm run test:editor`: the suite inside a real VS Code, with the package that users install. `--folder` takes the
 * extension from this folder instead, `--vsix FILE` another package; `--only @tag` runs one scenario.
 */
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runExtensionTests } from '../support/vscode/extensionTests.js';
import { installExtension, linkExtension } from '../support/vscode/extensions.js';
import { activationClockExtension, repoRoot, scriptedModelExtension } from '../support/vscode/paths.js';
import { runScenarios, type Launch } from './runScenarios.js';

const PACKAGE = join(repoRoot, 'out', 'mcp-tool-gateway.vsix');

/** @param vsix a package to install, instead of the extension from this folder */
const inServer =
  (vsix?: string): Launch =>
  async ({ tag, folder, userSettings, env, data }, suitePath) => {
    console.log(`\n${tag} ${vsix === undefined ? 'from the folder' : 'from the package'}`);
    // All scenarios find the same extensions installed; installing takes as long as the shorter ones themselves.
    const folders = { dataDir: data, extensionsDir: join(dirname(data), 'extensions') };
    // A window takes one extension from a folder; the others are installed, before the first start.
    if (!(await exists(folders.extensionsDir))) {
      await linkExtension(activationClockExtension, folders.extensionsDir);
      if (vsix === undefined) await linkExtension(scriptedModelExtension, folders.extensionsDir);
      else await installExtension(vsix, folders);
    }
    return runExtensionTests({
      ...folders,
      folder,
      userSettings,
      env,
      extensionDevelopmentPaths: [vsix === undefined ? repoRoot : scriptedModelExtension],
      extensionTestsPath: suitePath,
    });
  };

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function main(): Promise<number> {
  const { vsix, folder, only } = parseArgs({
    options: {
      vsix: { type: 'string' },
      folder: { type: 'boolean' },
      only: { type: 'string', multiple: true },
    },
  }).values;
  return runScenarios(inServer(folder ? undefined : resolve(vsix ?? PACKAGE)), only);
}

void main().then((exitCode) => {
  process.exitCode = exitCode;
});
