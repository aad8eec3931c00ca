/**
 * `npm run bench:vscode`: what can only be measured inside of a real VS Code; takes the package from `out/`. With `--only 5a`
 * that row is measured and printed, and nothing is written.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildSuite } from '../test/support/vscode/buildSuite.js';
import { installExtension } from '../test/support/vscode/extensions.js';
import { runExtensionTests } from '../test/support/vscode/extensionTests.js';
import { nodeForVscode, repoRoot } from '../test/support/vscode/paths.js';
import { median, quantile } from './measure/stats.js';
import { CALLERS } from './measure/callers.js';
import { MAX_SAMPLE_MS } from './measure/turns.js';
import { report, surroundings, table } from './report/results.js';
import { ms, type Row } from './rows/row.js';
import { scratch, stdioSettings } from './subjects/ours.js';
import { STDIO_SERVER } from './subjects/programs.js';
import { BURST, CALLS, ROUNDS } from './vscode/compare.js';
import type { Activation, Called } from './vscode/suite/index.js';

/** Starts of VS Code from which the time of the activation is taken. */
const STARTS = 5;
const MOST_MS = 20;
const MOST_LAG_MS = 50;

/** The row that can be measured alone. */
const INVOCATIONS = '5a';

/** What one start is for; `nothing` is one without our extension. */
type Part = 'activation' | 'nothing' | 'calls' | 'invoke';

async function main(): Promise<void> {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
  if (only !== undefined && only !== INVOCATIONS)
    throw new Error(`--only takes ${INVOCATIONS}; the other rows are measured together.`);
  const { path: home, remove } = await scratch();
  const suite = await buildSuite(join(repoRoot, 'bench', 'vscode', 'suite'));
  const client = join(repoRoot, 'out', 'bench-client.cjs');
  await build({
    entryPoints: [join(repoRoot, 'bench', 'vscode', 'client.ts')],
    outfile: client,
    bundle: true,
    platform: 'node',
    packages: 'external',
  });
  try {
    const folder = join(home, 'workspace');
    await mkdir(join(folder, '.vscode'), { recursive: true });
    const settings = { 'mcpGateway.servers': { bench: stdioSettings({ tools: 3 }) } };
    await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
    const folders = { dataDir: join(home, 'data'), extensionsDir: join(home, 'extensions') };
    await installExtension(join(repoRoot, 'out', 'mcp-tool-gateway.vsix'), folders);
    const start = async (part: Part): Promise<string> => {
      const { output, exitCode } = await runExtensionTests({
        ...folders,
        folder,
        userSettings: { 'mcpGateway.trustFolders': [folder] },
        extensionDevelopmentPaths: [join(repoRoot, 'bench', 'vscode', 'helper')],
        extensionTestsPath: suite.path,
        enableProposedApi: ['mcp-tool-gateway-bench.bench-helper'],
        env: {
          ...{ BENCH_SERVER: STDIO_SERVER, BENCH_NODE: nodeForVscode(), BENCH_CLIENT: client },
          ...{ BENCH_PART: part, HOME: home },
        },
        print: () => undefined,
      });
      const line = output.split('\n').find((text) => text.startsWith('RESULT '));
      if (exitCode !== 0 || line === undefined) throw new Error(output);
      return line.slice('RESULT '.length);
    };
    // The first start makes the profile, which no later one does.
    await start('nothing');
    if (only !== undefined) {
      console.log(table((JSON.parse(await start('invoke')) as Called).rows));
      return;
    }
    const withIt: Activation[] = [];
    const withoutIt: Activation[] = [];
    for (let index = 0; index < STARTS; index++) {
      withIt.push(JSON.parse(await start('activation')) as Activation);
      withoutIt.push(JSON.parse(await start('nothing')) as Activation);
    }
    const { version, rows: calls } = JSON.parse(await start('calls')) as Called;
    const rows = [...calls, ...activationRows(withIt, withoutIt)];
    console.log(table(rows));
    await report({
      part: 'bench:vscode',
      ...(await surroundings({ 'VS Code': version })),
      workload: `The window is in a browser; ${ROUNDS} rounds of at most ${CALLS} calls one after the other and ${BURST} by ${CALLERS} callers, and no call begun after ${MAX_SAMPLE_MS} ms; ${STARTS} starts for row 13.`,
      rows,
    });
  } finally {
    await suite.dispose();
    await remove();
  }
}

/** @param without as much of a start in which it is not activated: what the machine and the rest of VS Code add */
function activationRows(activations: readonly Activation[], without: readonly Activation[]): Row[] {
  const of = (all: readonly Activation[], what: keyof Activation): number[] => all.map((one) => one[what]);
  const inWords = (all: readonly number[]): string => `${all.map((time) => time.toFixed(0)).join(', ')} ms`;
  const [p50, lag] = [median(of(activations, 'ms')), quantile(of(activations, 'lagMs'), 1)];
  const work = quantile(of(activations, 'workMs'), 1);
  return [
    {
      id: '13',
      measure:
        '`activate()` in VS Code, p50, and the longest that the event loop stood still in the second after its begin',
      against: '–',
      target: `≤ ${MOST_MS} ms, ≤ ${MOST_LAG_MS} ms`,
      figure: `${ms(p50)}, ${ms(lag)}`,
      met: p50 <= MOST_MS && lag <= MOST_LAG_MS,
      detail: `${inWords(of(activations, 'ms'))}; ${inWords(of(activations, 'lagMs'))}, without it ${inWords(of(without, 'lagMs'))}`,
    },
    {
      id: '13a',
      measure: 'the same: the most processor time at a stretch, because a loop stands still for others too',
      against: '–',
      target: '–',
      figure: ms(work),
      met: true,
      detail: `${inWords(of(activations, 'workMs'))}, without it ${inWords(of(without, 'workMs'))}`,
    },
  ];
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
