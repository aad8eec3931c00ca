import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import manifest from '../package.json' with { type: 'json' };

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix?: { readonly os?: readonly string[] } };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

/** What is wrong with a workflow of GitHub Actions, one sentence each. @throws YAMLParseError */
function problemsOf(text: string, scripts: readonly string[]): string[] {
  const { on, jobs = {} } = parse(text) as Workflow;
  const problems = on === undefined ? ['It says not when it runs.'] : [];
  for (const [name, job] of Object.entries(jobs)) {
    if (job['runs-on'] === undefined) problems.push(`${name} has no machine.`);
    if (job['timeout-minutes'] === undefined) problems.push(`${name} may run for hours.`);
    for (const needed of [job.needs ?? []].flat())
      if (!(needed in jobs)) problems.push(`${name} needs ${needed}, which there is not.`);
    for (const { uses, run = '' } of job.steps ?? []) {
      if ((uses === undefined) === (run === ''))
        problems.push(`${name} has a step with neither uses nor run, or both.`);
      if (uses !== undefined && !/^[\w-]+\/[\w-]+@v\d+$/.test(uses))
        problems.push(`${name} uses ${uses} without a version.`);
      for (const [, script = ''] of run.matchAll(/\bnpm run ([\w:]+)/g))
        if (!scripts.includes(script))
          problems.push(`${name} runs ${script}, which package.json does not have.`);
    }
  }
  return problems;
}

describe('The workflow for a public forge', () => {
  const scripts = Object.keys(manifest.scripts);

  it('is sound, and runs the two commands of the README on every system', async () => {
    const text = await readFile('.github/workflows/ci.yml', 'utf8');
    assert.deepEqual(problemsOf(text, scripts), []);
    for (const command of ['npm ci', 'npm test', 'npm start -- --once'])
      assert.ok(text.includes(`run: ${command}`));
    for (const system of ['ubuntu', 'macos', 'windows']) assert.ok(text.includes(`${system}-latest`));
  });

  for (const [broken, problem] of [
    ['jobs: { a: { runs-on: x, timeout-minutes: 1, steps: [{ run: npm run missing }] } }', /runs missing/],
    ['on: push\njobs: { a: { runs-on: x, timeout-minutes: 1, needs: b } }', /needs b/],
    [
      'on: push\njobs: { a: { steps: [{ uses: actions/checkout }] } }',
      /no machine.*hours.*without a version/s,
    ],
    ['on: push\njobs: { a: { runs-on: x, timeout-minutes: 1, steps: [{}] } }', /neither uses nor run/],
  ] as const)
    it(`is not sound with ${broken}`, () => {
      assert.match(problemsOf(broken, scripts).join(' '), problem);
    });
});
