import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { startForwarder } from '../support/forwarder.js';
import { startServe } from '../support/serve.js';
import { compare, type Row } from './compare.js';
import { runClientScenario, runServerScenarios, type Results } from './suite.js';

type Cleanups = (() => Promise<unknown>)[];

const upstream = resolve('test/fixtures/servers/conformance-server.mjs');

/** The columns of `serverScenarios`: our upstream over HTTP, and the gateway in front of it, over either transport. */
export const SERVER_COLUMNS = ['direct', 'over stdio', 'over HTTP'];

/** The scenarios for clients that need no OAuth. */
export const CLIENT_SCENARIOS = [
  'initialize',
  'tools_call',
  'elicitation-sep1034-client-defaults',
  'sse-retry',
];

/** The suite's scenarios for servers. @param directOnly only the first column */
export async function serverScenarios(cleanups: Cleanups, directOnly = false): Promise<Row[]> {
  const url = await startUpstream(cleanups);
  const direct = runServerScenarios(url);
  if (directOnly) return compare([await direct]);
  const gateway = startServe(
    { stdio: { command: process.execPath, args: [upstream] }, web: { url } },
    cleanups,
  );
  const through = async (server: string): Promise<Results> => {
    const { servers, token } = await gateway;
    const forwarder = await startForwarder(servers[server] ?? '', token);
    cleanups.push(() => forwarder.dispose());
    return runServerScenarios(forwarder.url);
  };
  return compare(await Promise.all([direct, through('stdio'), through('web')]));
}

/** The suite's scenarios for clients, with our upstream side as the client; one after the other, because one of them counts milliseconds. */
export async function clientScenarios(): Promise<Row[]> {
  const results: [string, Results][] = [];
  for (const scenario of CLIENT_SCENARIOS)
    results.push([
      scenario,
      await runClientScenario(scenario, 'node --import tsx test/conformance/client.ts'),
    ]);
  return compare([new Map(results.flatMap(([scenario, found]) => [[scenario, found.get(scenario) ?? []]]))]);
}

/** @returns its URL */
async function startUpstream(cleanups: Cleanups): Promise<string> {
  const child = spawn(process.execPath, [upstream, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  cleanups.push(async () => {
    child.kill();
    await ended;
  });
  for await (const line of child.stdout.setEncoding('utf8')) return String(line).trim();
  throw new Error('The upstream ended before it listened');
}
