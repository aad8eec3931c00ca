/**
 * Runs the suite inside a real VS Code and ends with its exit code. The extension is loaded from this folder, or
 * installed from a package: `run.ts --vsix <file>`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSuite } from '../support/vscode/buildSuite.js';
import { runExtensionTests } from '../support/vscode/extensionTests.js';
import { installExtension } from '../support/vscode/extensions.js';
import { repoRoot, scriptedModelExtension } from '../support/vscode/paths.js';

async function main(): Promise<number> {
  const { vsix } = parseArgs({ options: { vsix: { type: 'string' } } }).values;
  const scratch = await mkdtemp(join(tmpdir(), 'vscode-suite-'));
  const folders = { dataDir: join(scratch, 'data'), extensionsDir: join(scratch, 'extensions') };
  const suite = await buildSuite(join(repoRoot, 'test', 'editor', 'suite'));
  let passed = false;
  try {
    if (vsix !== undefined) await installExtension(resolve(vsix), folders);
    const { exitCode, output } = await runExtensionTests({
      ...folders,
      extensionDevelopmentPaths:
        vsix === undefined ? [repoRoot, scriptedModelExtension] : [scriptedModelExtension],
      extensionTestsPath: suite.path,
    });
    // A run in which nothing ran is not a success.
    passed = exitCode === 0 && /^\s*[1-9]\d* passing/m.test(output);
    return passed ? 0 : exitCode || 1;
  } finally {
    await suite.dispose();
    if (passed) await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

void main().then((exitCode) => {
  process.exitCode = exitCode;
});
