/**
 * A host of a gateway that watches itself: takes servers as JSON, a cache folder and how long to watch, and says in a
 * line of JSON how long the settings took and how long its event loop stood still at most.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { G, testGateway } from './gateway.js';
import { watchLag, type Lag } from './lag.js';

/** What a host says of itself. */
export interface HostReport extends Lag {
  /** From the settings to a gateway that has been told to start their servers, in milliseconds. */
  readonly configureMs: number;
  readonly lists: number;
  /** In the last list: how many tools of each server. */
  readonly tools: Readonly<Record<string, number>>;
  /** In the last list: why there are none. */
  readonly omitted: Readonly<Record<string, string>>;
}

async function main(): Promise<void> {
  const [servers = '{}', cacheDir = '', watchMs = '0'] = process.argv.slice(2);
  const { gateway, configure } = await testGateway({}, [], { cacheDir });
  // Its program is loaded.
  await delay(G);
  const lag = watchLag();
  const begun = performance.now();
  await configure(JSON.parse(servers) as Record<string, unknown>);
  const warm = gateway.warmUp();
  const configureMs = performance.now() - begun;
  let lists = 0;
  let { items, omitted } = await gateway.listTools();
  for (; performance.now() - begun < Number(watchMs); lists++) {
    ({ items, omitted } = await gateway.listTools());
    await delay(G / 3);
  }
  const tools: Record<string, number> = {};
  for (const { server } of items) tools[server] = (tools[server] ?? 0) + 1;
  const report: HostReport = {
    ...lag.stop(),
    configureMs,
    lists,
    tools,
    omitted: Object.fromEntries(omitted.map(({ server, reason }) => [server, reason])),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  await Promise.all([gateway.dispose(), warm]);
}

void main();
