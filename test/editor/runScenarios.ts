import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSuite } from '../support/vscode/buildSuite.js';
import { repoRoot } from '../support/vscode/paths.js';
import { writeScenarios, type Scenario } from './scenarios.js';

/** Starts a VS Code for one scenario and runs the suite's module in it. @returns the suite's output and exit code */
export type Launch = (scenario: Scenario, suitePath: string) => Promise<{ exitCode: number; output: string }>;

/**
 * Runs every scenario, one start of VS Code each; the first that fails ends the run, and its folder stays.
 * @param only tags; all scenarios without it
 * @returns 0 when all passed
 */
export async function runScenarios(launch: Launch, only?: readonly string[]): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'mcp-gateway-editor-'));
  const suite = await buildSuite(join(repoRoot, 'test', 'editor', 'suite'));
  try {
    const scenarios = await writeScenarios(scratch);
    for (const scenario of scenarios) {
      if (only && !only.includes(scenario.tag)) continue;
      const { exitCode, output } = await launch(scenario, suite.path);
      // A run in which nothing ran is not a success.
      if (exitCode !== 0 || !/^\s*[1-9]\d* passing/m.test(output)) {
        process.stderr.write(`The scenario ${scenario.tag} failed; its files are in ${scratch}\n`);
        return exitCode === 0 ? 1 : exitCode;
      }
    }
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
    return 0;
  } finally {
    await suite.dispose();
  }
}
