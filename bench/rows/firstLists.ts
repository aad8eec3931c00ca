import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { latencyRow } from '../measure/compare.js';
import { median } from '../measure/stats.js';
import { inTurns, millis } from '../measure/turns.js';
import type { Caller } from '../subjects/caller.js';
import { inProcess, stdioSettings, type ServerSettings } from '../subjects/ours.js';
import { direct } from '../subjects/stdio.js';
import { coldStarts } from './coldStarts.js';
import { ms, times, type Effort, type Row } from './row.js';

const DIRECT = 'the slowest of them, started directly beside the others';
const HEALTHY = 5;
const OPTIONS = { tools: 20 };
/** Dead servers beside the healthy ones. */
const DEAD = [1, 20];

type Servers = Record<string, ServerSettings>;

const several = (count: number, name: string, options: object): Servers =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}${index}`, stdioSettings(options)]),
  );

/** Rows 10 and 11: what a chat waits for at the very first time. */
export async function firstLists(effort: Effort, home: string): Promise<Row[]> {
  const rounds = Math.min(effort.rounds, 5);
  const rows = [await onlyHealthy(rounds, home), ...(await coldStarts(effort, home))];
  for (const dead of DEAD) rows.push(await withDead(dead, Math.min(rounds, 3), effort.graceMs, home));
  return rows;
}

async function onlyHealthy(rounds: number, home: string): Promise<Row> {
  const samples = await inTurns(
    [
      { name: 'ours', sample: () => firstList(home) },
      { name: DIRECT, sample: slowestDirect },
    ],
    rounds,
  );
  const what = `first list without a cache, ${HEALTHY} healthy servers`;
  return latencyRow('10', what, 1.15, samples, 'ours', DIRECT);
}

const emptyCache = (home: string): Promise<string> => mkdtemp(join(home, 'first-'));

async function firstList(home: string): Promise<number> {
  const gateway = await inProcess(several(HEALTHY, 'good', OPTIONS), await emptyCache(home));
  try {
    return await millis(async () => {
      const { omitted } = await gateway.listTools();
      if (omitted.length > 0) throw new Error(omitted[0]?.message);
    });
  } finally {
    await gateway.dispose();
  }
}

/** All are started at once, as a client without a gateway would; the last one to be listed counts. */
async function slowestDirect(): Promise<number> {
  const callers: Caller[] = [];
  const one = async (): Promise<void> => {
    const caller = await direct(OPTIONS);
    callers.push(caller);
    await caller.list();
  };
  try {
    return await millis(() => Promise.all(Array.from({ length: HEALTHY }, one)));
  } finally {
    await Promise.all(callers.map((caller) => caller.close()));
  }
}

async function withDead(dead: number, rounds: number, graceMs: number, home: string): Promise<Row> {
  const first: number[] = [];
  const second: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const servers = { ...several(HEALTHY, 'good', OPTIONS), ...several(dead, 'dead', { silent: true }) };
    const gateway = await inProcess(servers, await emptyCache(home), graceMs);
    const list = async (): Promise<void> => {
      const { omitted } = await gateway.listTools();
      if (omitted.length < dead) throw new Error('A dead server was listed.');
    };
    try {
      first.push((await millis(list)) / graceMs);
      second.push((await millis(list)) / graceMs);
    } finally {
      await gateway.dispose();
    }
  }
  const [one, two] = [median(first), median(second)];
  return {
    id: '11',
    measure: `first and second list with ${dead} dead beside ${HEALTHY} healthy servers`,
    against: `the grace, ${graceMs} ms`,
    target: '≤ 1.05 ×, ≤ 0.01 ×',
    figure: `${times(one)}, ${two.toFixed(4)} ×`,
    met: one <= 1.05 && two <= 0.01,
    detail: `${ms(one * graceMs)}, ${ms(two * graceMs)}`,
  };
}
