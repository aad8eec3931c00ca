import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  minify: production,
  sourcemap: !production,
  // The SDK's sources are ES modules; preferring them lets the bundler leave out what is not used.
  mainFields: ['module', 'main'],
  logLevel: 'warning',
};

const bundles = [
  {
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['vscode'],
    target: 'node22.20',
  },
  {
    ...shared,
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/cli.js',
    banner: { js: '#!/usr/bin/env node' },
    target: 'node20',
  },
  {
    ...shared,
    // Runs in a thread of whichever of the two is running.
    entryPoints: ['src/checker.ts'],
    outfile: 'dist/checker.js',
    target: 'node20',
  },
];

if (watch) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
