import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { startForwarder } from '../support/forwarder.js';
import { startServe } from '../support/serve.js';
import { compare, complaints, verdict, type Row } from './compare.js';
import { runClientScenario, runServerScenarios } from './suite.js';

type Cleanups = (() => Promise<unknown>)[];

const upstream = resolve('test/fixtures/servers/conformance-server.mjs');

/** The scenarios of clients that do not need OAuth. */
const CLIENT_SCENARIOS = ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry'];

/** The suite's scenarios for servers against our upstream over HTTP, and through the gateway in front of it. */
export async function serverScenarios(cleanups: Cleanups, directOnly = false): Promise<Row[]> {
  const direct = async () => runServerScenarios(await startUpstream(cleanups));
  if (directOnly) return compare(await direct(), undefined);
  const gateway = async () => {
    const served = await startServe(
      { conformance: { command: process.execPath, args: [upstream] } },
      cleanups,
    );
    const forwarder = await startForwarder(served.servers.conformance ?? '', served.token);
    cleanups.push(() => forwarder.dispose());
    return runServerScenarios(forwarder.url);
  };
  return compare(...(await Promise.all([direct(), gateway()])));
}

/** The suite's scenarios for clients, with our upstream side as the client; one after the other, because one of them counts milliseconds. */
export async function clientScenarios(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scenario of CLIENT_SCENARIOS) {
    const results = await runClientScenario(scenario, 'node --import tsx test/conformance/client.ts');
    const checks = results.get(scenario) ?? [];
    rows.push({ scenario, direct: '-', gateway: verdict(checks), note: complaints(checks).join('; ') });
  }
  return rows;
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
