/**
 * `npm run test:desktop`: the same scenarios on a desktop VS Code: the one that VSCODE_EXECUTABLE names, else one that
 * is downloaded. Where neither can be had it says so in one line and fails.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import {
  activationClockExtension,
  provisionedDir,
  repoRoot,
  scriptedModelExtension,
} from '../support/vscode/paths.js';
import { runScenarios, type Launch } from './runScenarios.js';

const DOWNLOAD_TIMEOUT_MS = 30_000;

const onDesktop =
  (vscodeExecutablePath: string): Launch =>
  async ({ tag, folder, userSettings, env, data }, suitePath) => {
    const userData = join(data, 'User');
    await mkdir(userData, { recursive: true });
    await writeFile(join(userData, 'settings.json'), JSON.stringify(userSettings));
    const exitCode = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: [repoRoot, scriptedModelExtension, activationClockExtension],
      extensionTestsPath: suitePath,
      extensionTestsEnv: env,
      launchArgs: [
        folder,
        `--user-data-dir=${data}`,
        `--extensions-dir=${data}-extensions`,
        '--skip-welcome',
        ...(tag === '@untrusted' ? [] : ['--disable-workspace-trust']),
      ],
    });
    // The suite's output goes straight to this console; its exit code says how it went.
    return { exitCode, output: exitCode === 0 ? '1 passing' : '' };
  };

async function desktopVscode(): Promise<string | undefined> {
  const { VSCODE_EXECUTABLE: named } = process.env;
  if (named !== undefined && named !== '') return named;
  try {
    return await downloadAndUnzipVSCode({
      cachePath: join(provisionedDir, 'desktop'),
      timeout: DOWNLOAD_TIMEOUT_MS,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `No desktop VS Code: VSCODE_EXECUTABLE is not set and the download failed (${reason}).\n`,
    );
    return undefined;
  }
}

async function main(): Promise<number> {
  const executable = await desktopVscode();
  return executable === undefined ? 1 : runScenarios(onDesktop(executable));
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
