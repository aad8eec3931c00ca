/**
 * Runs the same suite on a desktop VS Code: the one that VSCODE_EXECUTABLE names, else one that is downloaded.
 * Where neither can be had it says so in one line and fails.
 */
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { buildSuite } from '../support/vscode/buildSuite.js';
import { provisionedDir, repoRoot, scriptedModelExtension } from '../support/vscode/paths.js';

async function main(): Promise<number> {
  const vscodeExecutablePath = await desktopVscode();
  if (vscodeExecutablePath === undefined) return 1;
  const suite = await buildSuite(join(repoRoot, 'test', 'editor', 'suite'));
  try {
    return await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: [repoRoot, scriptedModelExtension],
      extensionTestsPath: suite.path,
      launchArgs: ['--disable-extensions', '--skip-welcome', '--disable-workspace-trust'],
    });
  } finally {
    await suite.dispose();
  }
}

async function desktopVscode(): Promise<string | undefined> {
  const { VSCODE_EXECUTABLE: named } = process.env;
  if (named !== undefined && named !== '') return named;
  try {
    return await downloadAndUnzipVSCode({ cachePath: join(provisionedDir, 'desktop'), timeout: 30_000 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `No desktop VS Code: VSCODE_EXECUTABLE is not set and the download failed (${reason}).\n`,
    );
    return undefined;
  }
}

void main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.stderr.write(`The tests on the desktop VS Code failed: ${String(error)}\n`);
    process.exitCode = 1;
  },
);
