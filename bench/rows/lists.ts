import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { latencyRow } from '../measure/compare.js';
import { median, pairedRatio } from '../measure/stats.js';
import { inTurns, millis, oneByOne } from '../measure/turns.js';
import { overThin, type Served } from '../subjects/http.js';
import { manyServers, TOOLS_EACH } from '../subjects/manyServers.js';
import { inProcess, serve, type ServerSettings } from '../subjects/ours.js';
import { CLI } from '../subjects/programs.js';
import { startSdkHttp } from '../subjects/sdkHttp.js';
import { ms, times, type Effort, type Row } from './row.js';

const run = promisify(execFile);

/** What lists and starts cost with so many servers. Times in milliseconds. */
export interface Growth {
  readonly servers: number;
  /** A warm list in process, */
  readonly inProcess: number;
  /** through `/mcp`, all pages, */
  readonly overHttp: number;
  /** and from the start of a process to its end, with the list from the disk. */
  readonly fromStart: number;
}

const SDK_HTTP = 'SDK HTTP with the same list';
/** Servers of rows 7 to 9. */
const FIFTY = 50;
/** Milliseconds. */
const MOST_WARM = 0.2;
const MOST_ABOVE_EMPTY = 100;
/** A list in process is over before a clock can tell; so many are one sample. */
const AT_ONCE = 100;

/** Rows 7 to 9 and 12. */
export async function lists(effort: Effort, home: string): Promise<{ rows: Row[]; growth: Growth[] }> {
  const growth: Growth[] = [];
  const rows: Row[] = [];
  for (const count of [...new Set([...effort.servers, FIFTY])].sort((a, b) => a - b)) {
    const folder = join(home, `servers-${count}`);
    await mkdir(folder);
    const servers = await manyServers(count, folder);
    const warm = await warmList(effort, servers, folder);
    const http = await overHttp(effort, servers, folder);
    const start = await fromStart(effort, servers, folder);
    growth.push({
      servers: count,
      inProcess: warm,
      overHttp: median(http.get('ours') ?? []),
      fromStart: median(start.list),
    });
    if (count !== FIFTY) continue;
    const startRatio = pairedRatio(start.list, start.empty, 'lower');
    const above = median(start.list.map((value, round) => value - (start.empty[round] as number)));
    rows.push(
      {
        id: '7',
        measure: 'warm `listTools` in process, 50 servers × 20 tools, p50',
        against: '–',
        target: `≤ ${MOST_WARM} ms`,
        figure: ms(warm),
        met: warm <= MOST_WARM,
        detail: 'the same objects each time',
      },
      latencyRow('8', 'warm `tools/list` through `/mcp`, 1,000 tools, p50', 1.3, http, 'ours', SDK_HTTP),
      {
        id: '9',
        measure: 'process start → complete list from the disk, 50 servers × 20 tools',
        against: 'start and end of the same program with nothing to do',
        target: `≤ 3 ×, ≤ ${MOST_ABOVE_EMPTY} ms more`,
        figure: `${times(startRatio.median)}, ${above.toFixed(0)} ms more`,
        met: startRatio.median <= 3 && above <= MOST_ABOVE_EMPTY,
        detail: `${ms(median(start.list))} : ${ms(median(start.empty))}`,
      },
    );
  }
  rows.push(growthRow(growth));
  return { rows, growth };
}

async function warmList(
  { rounds }: Effort,
  servers: Readonly<Record<string, ServerSettings>>,
  folder: string,
): Promise<number> {
  const gateway = await inProcess(servers, join(folder, 'cache'), undefined, folder);
  try {
    const list = async (): Promise<void> => {
      const { items } = await gateway.listTools();
      expectTools(items.length, Object.keys(servers).length);
    };
    await list();
    const samples = await oneByOne(rounds * 10, async () => {
      for (let index = 0; index < AT_ONCE; index++) await list();
    });
    return median(samples) / AT_ONCE;
  } finally {
    await gateway.dispose();
  }
}

async function overHttp(
  { rounds }: Effort,
  servers: Readonly<Record<string, ServerSettings>>,
  folder: string,
): ReturnType<typeof inTurns> {
  const count = Object.keys(servers).length;
  const ours = await serve(servers, folder);
  const sdk = await startSdkHttp(count * TOOLS_EACH);
  try {
    const sampleOf = async (served: Served): Promise<() => Promise<number>> => {
      const caller = await overThin(served, 1);
      return async () =>
        median(
          await oneByOne(10, async () => {
            expectTools(await caller.list(), count);
          }),
        );
    };
    return await inTurns(
      [
        { name: 'ours', sample: await sampleOf(ours.all) },
        { name: SDK_HTTP, sample: await sampleOf(sdk.served) },
      ],
      rounds,
    );
  } finally {
    await Promise.all([ours.program.stop(), sdk.program.stop()]);
  }
}

async function fromStart(
  { rounds }: Effort,
  servers: Readonly<Record<string, ServerSettings>>,
  folder: string,
): Promise<{ list: readonly number[]; empty: readonly number[] }> {
  const config = join(folder, 'mcp.json');
  await writeFile(config, JSON.stringify({ servers }));
  const args = [CLI, 'list', '--config', config, '--cache', join(folder, 'cache'), '--json'];
  const samples = await inTurns(
    [
      {
        name: 'list',
        sample: () =>
          millis(async () => {
            const { stdout } = await run(process.execPath, args, { maxBuffer: 1e9 });
            const { tools } = JSON.parse(stdout) as { tools: unknown[] };
            expectTools(tools.length, Object.keys(servers).length);
          }),
      },
      { name: 'empty', sample: () => millis(() => run(process.execPath, [CLI, '--version'])) },
    ],
    rounds,
  );
  return { list: samples.get('list') ?? [], empty: samples.get('empty') ?? [] };
}

function expectTools(found: number, servers: number): void {
  if (found !== servers * TOOLS_EACH) throw new Error(`${found} tools were listed of ${servers} servers.`);
}

/** Ten times the servers may take ten times as long, and what the machine adds. */
const LINEAR = 1.25;

function growthRow(growth: readonly Growth[]): Row {
  const [first, last] = [growth[0], growth.at(-1)] as [Growth, Growth];
  const more = last.servers / first.servers;
  const parts = (['inProcess', 'overHttp', 'fromStart'] as const).map((key) => last[key] / first[key]);
  return {
    id: '12',
    measure: `rows 7, 8 and 9 with ${first.servers} to ${last.servers} servers`,
    against: `${first.servers} server`,
    target: `linear: ≤ ${more} ×`,
    figure: parts.map(times).join(', '),
    met: parts.every((part) => part <= more * LINEAR),
    detail: 'see the plot',
  };
}
