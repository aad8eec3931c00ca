import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** One thing that a scenario looked at. */
export interface Check {
  readonly id: string;
  /** `INFO` and `SKIPPED` say nothing about whether it conforms. */
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string;
}

/** What each scenario found, by its name. */
export type Results = ReadonlyMap<string, readonly Check[]>;

const suite = resolve('node_modules/@modelcontextprotocol/conformance/dist/index.js');

/** The scenarios for servers that the issue asks for: all of them. */
export const runServerScenarios = (url: string): Promise<Results> =>
  runSuite(['server', '--url', url, '--suite', 'all']);

/** @param command is given the URL of the scenario's server as its last argument, in a shell */
export const runClientScenario = (scenario: string, command: string): Promise<Results> =>
  runSuite(['client', '--scenario', scenario, '--command', command, '--timeout', '20000']);

/** Its exit code is not asked: warnings and what is none of ours count in it too. */
async function runSuite(args: readonly string[]): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-gateway-conformance-'));
  try {
    const output = await run([...args, '--output-dir', folder]);
    const results = new Map<string, readonly Check[]>();
    for (const path of await readdir(folder, { recursive: true })) {
      // <scenario>-<time>/checks.json, with `server-` in front for servers.
      const scenario = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z[\\/]checks\.json$/.exec(path)?.[1];
      if (scenario !== undefined)
        results.set(scenario, JSON.parse(await readFile(join(folder, path), 'utf8')) as Check[]);
    }
    if (results.size === 0) throw new Error(`The conformance suite ran nothing:\n${output}`);
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
    const child = spawn(process.execPath, [suite, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: path },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', reject);
    child.once('close', () => {
      resolve(output);
    });
  });
}
