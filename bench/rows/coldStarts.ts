import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gateway } from '../../src/gateway/api.js';
import { latencyRow } from '../measure/compare.js';
import { median, quantile } from '../measure/stats.js';
import type { Caller } from '../subjects/caller.js';
import { inProcess, stdioSettings } from '../subjects/ours.js';
import { direct } from '../subjects/stdio.js';
import type { Effort, Row } from './row.js';

const OURS = 'ours';
const DIRECT = 'all of them started directly at once';
const TOOLS = 20;
/** Modules that a server compiles at its start: about 0.3 to 0.6 s of a processor, as large public servers take. */
const WORK = [5, 6, 7, 8, 9];

/** How one cold start of all servers went. */
interface Outcome {
  /** The part of the tools that is there when the grace is over. */
  readonly share: number;
  /** Milliseconds until all tools are there. */
  readonly completeMs: number;
}

/** Row 10 where the processors are what servers wait for: slow-starting servers, all wanted at once, nothing cached. */
export async function coldStarts({ slow }: Effort, home: string): Promise<Row[]> {
  const options = Array.from({ length: slow.servers }, (_, index) => ({
    tools: TOOLS,
    startWork: WORK[index % WORK.length],
  }));
  const ours: Outcome[] = [];
  const theirs: Outcome[] = [];
  for (let round = 0; round < slow.rounds; round++) {
    ours.push(await throughGateway(options, slow.graceMs, await mkdtemp(join(home, 'cold-'))));
    theirs.push(await allAtOnce(options, slow.graceMs));
  }
  const complete = (outcomes: readonly Outcome[]): number[] => outcomes.map(({ completeMs }) => completeMs);
  const samples = new Map([
    [OURS, complete(ours)],
    [DIRECT, complete(theirs)],
  ]);
  const what = `${slow.servers} slow-starting servers without a cache`;
  return [
    shareRow(`${what}: tools there after ${slow.graceMs} ms`, ours, theirs),
    latencyRow('10', `${what}: until all tools are there`, 1.05, samples, OURS, DIRECT),
  ];
}

/** As points of a hundred, because a ratio says nothing where the other side has no tools at all. */
function shareRow(measure: string, ours: readonly Outcome[], theirs: readonly Outcome[]): Row {
  const shares = (outcomes: readonly Outcome[]): number[] => outcomes.map(({ share }) => share);
  const more = shares(ours).map((share, round) => share - (theirs[round]?.share ?? 0));
  const percent = (value: number): string => (100 * value).toFixed(0);
  const met = median(shares(ours)) === 1 || median(more) > 0;
  return {
    id: '10',
    measure,
    against: DIRECT,
    target: 'more, or all',
    figure: `${percent(median(shares(ours)))} % (${percent(quantile(shares(ours), 0))} % in the worst round)`,
    met,
    detail: `${percent(median(shares(ours)))} % : ${percent(median(shares(theirs)))} %`,
  };
}

async function throughGateway(options: readonly object[], graceMs: number, cache: string): Promise<Outcome> {
  const servers = Object.fromEntries(
    options.map((one, index) => [`slow${index}`, stdioSettings(one)] as const),
  );
  const gateway = await inProcess(servers, cache, graceMs);
  try {
    const start = performance.now();
    const { items } = await gateway.listTools();
    await allKnown(gateway);
    return { share: items.length / (options.length * TOOLS), completeMs: performance.now() - start };
  } finally {
    await gateway.dispose();
  }
}

/** @throws when a server fails */
async function allKnown(gateway: Gateway): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const servers = gateway.servers();
      const failure = servers.find((one) => one.failure)?.failure;
      if (failure) reject(new Error(failure.message));
      else if (servers.every(({ tools }) => tools === TOOLS)) resolve();
    };
    gateway.onDidChangeServers(look);
    look();
  });
}

/** As clients without a gateway do it. */
async function allAtOnce(options: readonly object[], graceMs: number): Promise<Outcome> {
  const callers: Caller[] = [];
  const start = performance.now();
  try {
    const times = await Promise.all(
      options.map(async (one) => {
        const caller = await direct(one);
        callers.push(caller);
        await caller.list();
        return performance.now() - start;
      }),
    );
    return {
      share: times.filter((time) => time <= graceMs).length / options.length,
      completeMs: Math.max(...times),
    };
  } finally {
    await Promise.all(callers.map((caller) => caller.close()));
  }
}
