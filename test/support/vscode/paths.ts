import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The repository's root folder. */
export const repoRoot = join(__dirname, '..', '..', '..');

/** Git-ignored home of everything that is provisioned once and reused. */
export const provisionedDir = join(repoRoot, '.vscode-test');

/** The extension that brings a scripted language model and a chat participant for tests and demos. */
export const scriptedModelExtension = join(repoRoot, 'test', 'fixtures', 'scripted-model');

/** The extension that tells how long the gateway's activation takes. */
export const activationClockExtension = join(repoRoot, 'test', 'fixtures', 'activation-clock');

/**
 * A Node that can run VS Code's server: it needs `module.registerHooks`, so the Node that happens to run the
 * tests is used when it is new enough, and the one of the `node` devDependency otherwise.
 */
export function nodeForVscode(): string {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const manifest = createRequire(join(repoRoot, 'package.json')).resolve('node/package.json');
  return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
