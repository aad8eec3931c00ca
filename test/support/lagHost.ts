/**
 * A host of a gateway that watches itself: takes servers as JSON, a cache folder and how long to watch, and says in a
 * line of JSON how long the settings took and how long its event loop stood still at most.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { G, median, testGateway } from './gateway.js';
import { watchLag, type Lag } from './lag.js';

/** What a host says of itself. */
export interface HostReport extends Lag {
  /** How many times as long as the machine that the bounds are for this one takes for the same work; 1 at least. */
  readonly slowness: number;
  /** From the settings to a gateway that has been told to start their servers, in milliseconds. */
  readonly configureMs: number;
  readonly lists: number;
  /** In the last list: how many tools of each server. */
  readonly tools: Readonly<Record<string, number>>;
  /** In the last list: why there are none. */
  readonly omitted: Readonly<Record<string, string>>;
}

/** What the machine that the bounds are for needs to read `SAMPLE`, in milliseconds. */
const SAMPLE_MS = 3;
/** About half a megabyte of JSON. */
const SAMPLE = JSON.stringify(
  Array.from({ length: 5000 }, (_, id) => ({
    id,
    name: `name ${id}`,
    tags: ['a', 'b', String(id)],
    nested: { x: id / 3, y: [id, id + 1] },
  })),
);

/** The machines that tests run on are slower at some times than at others, by a factor of two and more. */
function slowness(): number {
  const times = Array.from({ length: 9 }, () => {
    const begun = performance.now();
    JSON.parse(SAMPLE);
    return performance.now() - begun;
  });
  return Math.max(1, median(times) / SAMPLE_MS);
}

async function main(): Promise<void> {
  const [servers = '{}', cacheDir = '', watchMs = '0'] = process.argv.slice(2);
  const { gateway, configure } = await testGateway({}, [], { cacheDir });
  // Its program is loaded.
  await delay(G);
  const before = slowness();
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
    slowness: Math.max(before, slowness()),
    configureMs,
    lists,
    tools,
    omitted: Object.fromEntries(omitted.map(({ server, reason }) => [server, reason])),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  await Promise.all([gateway.dispose(), warm]);
}

void main();
