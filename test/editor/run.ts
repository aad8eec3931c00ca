/** Runs the suite inside a real VS Code and ends with its exit code. */
import { join } from 'node:path';
import { buildSuite } from '../support/vscode/buildSuite.js';
import { runExtensionTests } from '../support/vscode/extensionTests.js';
import { repoRoot, scriptedModelExtension } from '../support/vscode/paths.js';

async function main(): Promise<number> {
  const suite = await buildSuite(join(repoRoot, 'test', 'editor', 'suite'));
  try {
    const { exitCode, output } = await runExtensionTests({
      extensionDevelopmentPaths: [repoRoot, scriptedModelExtension],
      extensionTestsPath: suite.path,
    });
    // A run in which nothing ran is not a success.
    return exitCode === 0 && !/^\s*[1-9]\d* passing/m.test(output) ? 1 : exitCode;
  } finally {
    await suite.dispose();
  }
}

void main().then((exitCode) => {
  process.exitCode = exitCode;
});
