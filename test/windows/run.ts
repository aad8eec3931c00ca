/**
 * `npm run test:windows`: the command line with real processes, pipes and files, and the unit tests of what a system can
 * change, on Windows or with a Windows build of Node in Wine. `--only TEXT` runs the files whose path contains it.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildCli } from '../support/cli.js';
import { NO_WINE, openWindows, type Windows } from './wine.js';

/** Folders below `test/` whose test files are run. */
const FOLDERS = [
  'windows/suite',
  ...['announcement', 'base', 'cli', 'clientConfig', 'connect', 'endpoint', 'gateway', 'protocol'].map(
    (room) => `unit/${room}`,
  ),
];
/** Milliseconds for the tests. */
const BOUND_MS = 225_000;

/** Bundles the test files, because there is no compiler for TypeScript on the other side. */
async function bundle(outdir: string, only: string): Promise<void> {
  const files = await readdir('test', { recursive: true });
  const wanted = files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts') && FOLDERS.some((folder) => file.startsWith(`${folder}/`)))
    .filter((file) => file.includes(only));
  if (wanted.length === 0) throw new Error(`No test file has "${only}" in its path.`);
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

/** @returns the exit code */
async function runTests(windows: Windows, outdir: string): Promise<number> {
  const mocha = resolve('node_modules', 'mocha', 'bin', 'mocha.js');
  const options = ['--no-config', '--no-package', '--forbid-only', '--timeout', '60000'];
  const log = join(outdir, 'output.log');
  const files = `${outdir.replaceAll('\\', '/')}/**/*.test.js`;
  const code = await windows.run([mocha, ...options, files], log, BOUND_MS);
  const output = await readFile(log, 'utf8');
  const count = (word: string): number =>
    Number(new RegExp(String.raw`^\s*(\d+) ${word}\b`, 'm').exec(output)?.[1] ?? 0);
  // Where all is well, only what stands below the tests.
  const end = output.search(/^\s*\d+ passing\b/m);
  console.log(code === 0 && end >= 0 ? output.slice(end).trim() : output);
  if (code === null) console.error(`The tests did not end within ${BOUND_MS / 1000} s.`);
  console.log(`${count('passing')} passed, ${Math.max(count('failing'), code === 0 ? 0 : 1)} failed`);
  return code ?? 1;
}

async function main(): Promise<number> {
  const { only } = parseArgs({ options: { only: { type: 'string', default: '' } } }).values;
  const windows = await openWindows();
  if (!windows) {
    console.error(NO_WINE);
    return 1;
  }
  await mkdir('out', { recursive: true });
  const outdir = await mkdtemp(join('out', 'windows-'));
  const dispose = async (): Promise<void> => {
    await windows.dispose();
    await rm(outdir, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void dispose().then(() => process.exit(1));
    });
  try {
    await buildCli();
    await bundle(outdir, only);
    return await runTests(windows, outdir);
  } finally {
    await dispose();
  }
}

void main().then((code) => {
  process.exitCode = code;
});
