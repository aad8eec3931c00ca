/** What the bench does inside of VS Code's extension host. Its last line is its result as JSON, behind `RESULT `. */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { findRunning } from '../../../src/announcement/findRunning.js';
import { announcementDirectory } from '../../../src/endpoint/stateDirectory.js';
import { until } from '../../../test/support/vscode/until.js';
import { latencyRow } from '../../measure/compare.js';
import { median } from '../../measure/stats.js';
import { inTurns, oneByOne, type Subject } from '../../measure/turns.js';
import type { Row } from '../../rows/row.js';
import type { Served } from '../../subjects/http.js';
import { compareGateways, ROUNDS, type Endpoints } from '../compare.js';

/** VS Code's own gateway (proposed API `mcpServerDefinitions`). */
interface McpGateway {
  readonly servers: readonly { readonly label: string; readonly address: vscode.Uri }[];
  dispose(): void;
}

const CALLS = 50;
const READY_MS = 60_000;
const OUTSIDE_MS = 120_000;

/**
 * Milliseconds of the activation, of the longest time around it in which the event loop stood still, and of the most processor
 * time that it had in one such time: a loop also stands still while the machine works for others.
 */
export interface Activation {
  readonly ms: number;
  readonly lagMs: number;
  readonly workMs: number;
}

/** What was called, in which version of VS Code. */
export interface Called {
  readonly version: string;
  readonly rows: readonly Row[];
}

interface Helper {
  startMcpGateway(): Promise<McpGateway | undefined>;
  readonly activated: Promise<Activation>;
}

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<Helper>('mcp-tool-gateway-bench.bench-helper');
  if (!extension) throw new Error('The helper is not there.');
  const helper = await extension.activate();
  try {
    const part = process.env.BENCH_PART;
    const result =
      part === 'calls'
        ? await calls(helper)
        : part === 'invoke'
          ? await invocations()
          : await helper.activated;
    console.log(`RESULT ${JSON.stringify(result)}`);
  } catch (error) {
    console.log(String(error));
    throw error;
  }
}

async function calls(helper: Helper): Promise<Called> {
  // VS Code's gateway knows no tool of a server that has not been started.
  const tools = await startedTools();
  const gateway = await startGateway(helper);
  try {
    const endpoints = { ours: await ourEndpoint(), theirs: gateway.served };
    const rows = [
      ...(await compareGateways(endpoints, 'the extension host')),
      ...(await fromOutside(endpoints)),
      ...(await throughVscode(tools)),
    ];
    return { version: vscode.version, rows };
  } finally {
    gateway.dispose();
  }
}

/** Row 5a alone. */
const invocations = async (): Promise<Called> => ({
  version: vscode.version,
  rows: await throughVscode(await startedTools()),
});

/** The tool of both servers, once VS Code has them. */
const startedTools = (): Promise<readonly vscode.LanguageModelToolInformation[]> =>
  waitFor(async () => {
    await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
    const found = vscode.lm.tools.filter(({ name }) => /^mcp_.*_echo$/.test(name));
    return found.length === 2 ? found : undefined;
  }, 'both servers in lm.tools');

/** VS Code's gateway, once it serves the bench's server. */
async function startGateway(helper: Helper): Promise<{ served: Served; dispose: () => void }> {
  const gateway = await helper.startMcpGateway();
  if (!gateway) throw new Error('VS Code started no gateway.');
  const address = await waitFor(
    () => gateway.servers.find(({ label }) => label === 'direct')?.address,
    "the server in VS Code's gateway",
  );
  return {
    served: { url: address.toString(true) },
    dispose: () => {
      gateway.dispose();
    },
  };
}

/** The endpoint of this window, as `connect` finds it. */
async function ourEndpoint(): Promise<Served> {
  const directory = announcementDirectory({
    platform: process.platform,
    env: process.env,
    home: homedir(),
  });
  const running = await waitFor(
    async () => (await findRunning(directory)).find(({ pid }) => pid === process.pid),
    'the announcement of the endpoint',
  );
  return { url: `${running.url}/bench`, headers: { authorization: `Bearer ${running.token}` } };
}

/** The same from a process of its own. */
async function fromOutside(endpoints: Endpoints): Promise<Row[]> {
  const { BENCH_NODE: node = '', BENCH_CLIENT: client = '' } = process.env;
  const env = { ...process.env, BENCH_ENDPOINTS: JSON.stringify(endpoints) };
  const { stdout } = await promisify(execFile)(node, [client], { env, timeout: OUTSIDE_MS });
  return JSON.parse(stdout) as Row[];
}

/** The same tool through VS Code's own client: at our endpoint, and directly at the server. */
async function throughVscode(tools: readonly vscode.LanguageModelToolInformation[]): Promise<Row[]> {
  const subject = (name: string, tool: string): Subject => ({
    name,
    sample: async () =>
      median(
        await oneByOne(CALLS, async () => {
          const { content } = await vscode.lm.invokeTool(tool, {
            input: { text: 'nonce' },
            toolInvocationToken: undefined,
          });
          if (!JSON.stringify(content).includes('nonce')) throw new Error(`${tool} answered something else.`);
        }),
      ),
  });
  // VS Code's prefixes do not tell; only the gateway's server has a third tool.
  const names = new Set(vscode.lm.tools.map(({ name }) => name));
  const isOurs = ({ name }: { readonly name: string }): boolean => names.has(name.replace(/echo$/, 'tool-2'));
  const direct = tools.find((tool) => !isOurs(tool))?.name;
  const ours = tools.find(isOurs)?.name;
  if (direct === undefined || ours === undefined) throw new Error(tools.map(({ name }) => name).join());
  const ends = ['lm.invokeTool through our endpoint', 'lm.invokeTool directly at the server'] as const;
  const samples = await inTurns([subject(ends[0], ours), subject(ends[1], direct)], ROUNDS);
  return [latencyRow('5a', '`lm.invokeTool` through our endpoint, p50', 1.3, samples, ends[0], ends[1])];
}

const waitFor = <T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> =>
  until(
    async () => look(),
    READY_MS,
    () => Promise.resolve(`for ${what}`),
  );
