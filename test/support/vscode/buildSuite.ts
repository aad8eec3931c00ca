import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repoRoot } from './paths.js';

export interface BuiltSuite {
  /** The module that exports `run()`. */
  readonly path: string;
  dispose(): Promise<void>;
}

/**
 * Bundles `index.ts` and every `*.test.ts` of a folder for the extension host, which loads CommonJS only.
 *
 * mocha stays outside of the bundles: it loads parts of itself by name. It is found all the same, because the
 * bundles lie below the folder whose `node_modules` has it. Each build has a folder of its own, so that two
 * runs at the same time do not take each other's files away.
 */
export async function buildSuite(folder: string): Promise<BuiltSuite> {
  const parent = join(repoRoot, 'out', 'editor');
  await mkdir(parent, { recursive: true });
  const outdir = await mkdtemp(join(parent, 'suite-'));
  const files = await readdir(folder, { recursive: true });
  await build({
    entryPoints: ['index.ts', ...files.filter((file) => file.endsWith('.test.ts'))].map((file) =>
      join(folder, file),
    ),
    outdir,
    outbase: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha'],
    inject: [join(repoRoot, 'test', 'support', 'vscode', 'suiteConsole.ts')],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return { path: join(outdir, 'index.js'), dispose: () => rm(outdir, { recursive: true, force: true }) };
}
