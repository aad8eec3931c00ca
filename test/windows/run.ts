/**
 * `npm run test:windows`: the command line with real processes, pipes and files, on Windows or with a Windows build of Node in
 * Wine. `--only TEXT` runs the files whose path contains it.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildCli } from '../support/cli.js';
import { NO_WINE, openWindows } from './wine.js';

/** Folders below `test/` whose test files are run. */
const FOLDERS = ['windows/suite'];
const BOUND_MS = 230_000;

/** Bundles the test files, because there is no compiler for TypeScript on the other side. */
async function bundle(outdir: string, only: string | undefined): Promise<void> {
  const files = await readdir('test', { recursive: true });
  const wanted = files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts') && FOLDERS.some((folder) => file.startsWith(`${folder}/`)))
    .filter((file) => only === undefined || file.includes(only));
  if (wanted.length === 0) throw new Error(`No test file has "${only ?? ''}" in its path.`);
  await build({
    entryPoints: wanted.map((file) => join('test', file)),
    outdir,
    outbase: 'test',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    target: 'node22',
    external: ['mocha', 'esbuild', 'typescript'],
    sourcemap: 'inline',
    logLevel: 'error',
  });
}

async function main(): Promise<number> {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
  const windows = await openWindows();
  if (!windows) {
    console.error(NO_WINE);
    return 1;
  }
  await mkdir('out', { recursive: true });
  const outdir = await mkdtemp(join('out', 'windows-'));
  try {
    await buildCli();
    await bundle(outdir, only);
    const mocha = resolve('node_modules', 'mocha', 'bin', 'mocha.js');
    const options = [
      '--no-config',
      '--no-package',
      '--forbid-only',
      '--timeout',
      '60000',
      '--reporter',
      'dot',
    ];
    const { code, output } = await windows.run([mocha, ...options, `${outdir}/**/*.test.js`], BOUND_MS);
    console.log(output);
    const sum = (word: string): number =>
      Number(new RegExp(String.raw`^\s*(\d+) ${word}\b`, 'm').exec(output)?.[1] ?? 0);
    console.log(`${sum('passing')} passed, ${Math.max(sum('failing'), code === 0 ? 0 : 1)} failed`);
    if (code === null) console.error(`The tests did not end within ${BOUND_MS / 1000} s.`);
    return code ?? 1;
  } finally {
    await windows.dispose();
    await rm(outdir, { recursive: true, force: true });
  }
}

void main().then((code) => {
  process.exitCode = code;
});
