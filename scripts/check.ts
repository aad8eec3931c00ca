/**
 * `npm test`: every check there is, in the order in which they fail fastest; ends with `N passed, M failed`. With `--quick`,
 * which is `npm run check`: those that need no more than a minute.
 */
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { run } from './run.js';

interface Count {
  passed: number;
  failed: number;
}

/** Scripts of `package.json`, some with arguments; steps of one group run side by side. */
const GROUPS: readonly (readonly string[])[] = [
  ['typecheck', 'lint'],
  ['format', 'unused', 'build'],
  ['test:plain'],
  ['soak -- --minutes 1'],
  ['package'],
  ['test:editor'],
  ['test:window'],
  ['bench -- --smoke'],
];

const QUICK_GROUPS: readonly (readonly string[])[] = [
  ['typecheck', 'lint'],
  ['format', 'unused', 'test:unit'],
];

async function main(): Promise<void> {
  const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values;
  const total: Count = { passed: 0, failed: 0 };
  for (const group of quick ? QUICK_GROUPS : GROUPS) {
    const counts = await Promise.all(group.map((step) => check(step, group.length === 1)));
    for (const { passed, failed } of counts) {
      total.passed += passed;
      total.failed += failed;
    }
    // What is built on a failed step would only fail again, less clearly.
    if (total.failed > 0) break;
  }
  process.exitCode = total.failed > 0 ? 1 : 0;
  console.log(`${total.passed} passed, ${total.failed} failed`);
}

async function check(step: string, show: boolean): Promise<Count> {
  const startedAt = performance.now();
  if (show) console.log(`\n▶ ${step}`);
  const { code, output } = await run('npm', ['run', '--silent', ...step.split(' ')], show);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (!show && code !== 0) console.log(output);
  console.log(`${code === 0 ? '✔' : '✖'} ${step} (${seconds} s)`);
  return countOf(output, code);
}

/** What mocha counted, over all its runs in the step; a step that is no test run counts as one. */
function countOf(output: string, code: number): Count {
  const sum = (word: string): number =>
    [...stripVTControlCharacters(output).matchAll(new RegExp(String.raw`^\s*(\d+) ${word}\b`, 'gm'))].reduce(
      (all, match) => all + Number(match[1]),
      0,
    );
  const passed = sum('passing');
  const failed = sum('failing');
  if (passed + failed === 0) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
