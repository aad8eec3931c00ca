/**
 * `npm run soak -- --minutes M [--seed N]`: good and bad servers, callers, listers and mischief together, for a while;
 * then the books are closed. Ends with a report, and with exit code 1 when anything did not add up.
 */
import { randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryFolder, testGateway, until } from '../support/gateway.js';
import { Accounts } from './accounts.js';
import { call, startCallers } from './callers.js';
import { startChaos } from './chaos.js';
import { Journal } from './journal.js';
import { startHostiles, writeBombs } from './hostiles.js';
import { startListers } from './listers.js';
import { growth, LAG_RESOLUTION_MS, Lateness, lagMs, resources, type Memory } from './measure.js';
import { Pace } from './pace.js';
import { children, Processes, signalTo } from './processes.js';
import { quietMoment, SETTLE_MS } from './quiet.js';
import { startProds } from './prods.js';
import { random } from './random.js';
import { report } from './report.js';
import { bombsFile, callLog, makeRoster } from './roster.js';
import { Settings } from './settings.js';
import type { World } from './world.js';

/** The part of the run after which memory is taken as warm. */
const WARM_UP = 1 / 2;
const LONGEST_WARM_UP_MS = 240_000;
const MEMORY_FACTOR = 1.2;
/** So short that what takes hours in life happens within a minute. */
const TUNING = {
  backoffBaseMs: 100,
  backoffCapMs: 1000,
  parkAfter: 4,
  probeMs: 2000,
  provenAfterMs: 1000,
  pingMs: 500,
  pingTimeoutMs: 1000,
};
const IDLE_STOP_MS = 2000;
const LAST_LOAD_MS = 1000;
/** After dispose nothing may be left for longer. */
const GONE_MS = 2000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
  });
  const minutes = Number(values.minutes);
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
  if (!(minutes > 0 && minutes <= 1440) || !Number.isSafeInteger(seed))
    throw new Error('Usage: npm run soak -- --minutes <0 to 1440> [--seed <whole number>]');
  console.log(`soak: ${minutes} min, seed ${seed}`);
  await mkdir('out', { recursive: true });
  const journal = new Journal(resolve('out/soak.log'));
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    console.log(await soak(minutes, seed, journal, cleanups));
  } finally {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    await journal.close();
  }
  if (journal.problemCount === 0) return;
  console.log('The whole story is in out/soak.log.');
  process.exitCode = 1;
}

async function soak(
  minutes: number,
  seed: number,
  journal: Journal,
  cleanups: (() => Promise<unknown>)[],
): Promise<string> {
  noteStrays(journal);
  const folder = await temporaryFolder(cleanups);
  const cacheDir = join(folder, 'cache');
  const processes = new Processes(folder);
  await writeBombs(bombsFile(folder));
  const { slots, webs, bench, away } = await makeRoster(folder, processes, random(seed, 'roster'));
  cleanups.push(() => Promise.all([bench.close(), ...webs.map((web) => web.kill())]));
  const before = { resources: resources(), children: await children() };
  const { gateway, configure } = await testGateway({}, cleanups, {
    cacheDir,
    idleStopMs: IDLE_STOP_MS,
    tuning: TUNING,
    onLine: (line) => {
      journal.log(line);
    },
  });
  const settings = new Settings(slots, away, configure);
  await settings.restore();
  const accounts = new Accounts();
  const pace = new Pace();
  const lateness = new Lateness((lateMs, busyMs) => {
    journal.log(`the event loop was ${Math.round(lateMs)} ms late, ${Math.round(busyMs)} ms of it computing`);
  });
  const world: World = {
    seed,
    folder,
    cacheDir,
    gateway,
    settings,
    webs,
    processes,
    accounts,
    journal,
    lateness,
    pace,
    bombsFile: bombsFile(folder),
  };
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  startCallers(world);
  startListers(world);
  startProds(world);
  startHostiles(world);
  startChaos(world);
  const totalMs = minutes * 60_000;
  const warmUpMs = Math.min(totalMs * WARM_UP, LONGEST_WARM_UP_MS);
  await delay(warmUpMs);
  const warm = await quietMoment(world);
  pace.resume();
  lag.enable();
  await delay(totalMs - warmUpMs);
  lag.disable();
  const end = await quietMoment(world);
  for (const grown of growth(warm.resources, end.resources, (count) => count * MEMORY_FACTOR + 10))
    journal.problem(`what keeps the process busy has grown since warm-up: ${grown}`);
  judgeMemory(journal, warm.memory, end.memory);

  const left = await disposeUnderLoad(world, before.children);
  lateness.dispose();
  await until(
    () => growth(before.resources, resources()).length === 0,
    'nothing keeps the process busy',
    SETTLE_MS,
  ).catch(() => {
    journal.problem(
      `after dispose there is more than before: ${growth(before.resources, resources()).join(', ')}`,
    );
  });
  if (!bench.alive()) journal.problem('the bench of bad servers is gone');
  await Promise.all(webs.map((web) => web.kill()));
  for (const { id } of slots.filter(({ kind }) => kind === 'good')) await readCallLog(world, id);
  const audit = accounts.audit();
  for (const problem of audit.problems) journal.problem(problem);
  const more = audit.wrong - audit.problems.length;
  if (more > 0) journal.problem(`${more} more calls do not add up`, more);
  return report({
    seed,
    minutes,
    journal,
    audit,
    processes: (await processes.started()).length,
    left,
    afterWarmUp: warm.memory,
    atEnd: end.memory,
    lag: { p99: lagMs(lag.percentile(99)), max: lagMs(lag.max) },
  });
}

/** What nobody waits for and nobody expects. */
function noteStrays(journal: Journal): void {
  process.on('unhandledRejection', (reason) => {
    journal.problem(
      `unhandled rejection: ${reason instanceof Error ? String(reason.stack) : String(reason)}`,
    );
  });
  process.on('uncaughtException', (error) => {
    journal.problem(`uncaught: ${String(error.stack)}`);
  });
  process.on('warning', ({ name, message }) => {
    journal.problem(`warning: ${name}: ${message}`);
  });
}

function judgeMemory(journal: Journal, warm: Memory, end: Memory): void {
  if (!globalThis.gc) journal.problem('memory says nothing without --expose-gc');
  for (const what of ['heapUsed', 'rss'] as const)
    if (end[what] > warm[what] * MEMORY_FACTOR)
      journal.problem(`${what} grew from ${warm[what]} to ${end[what]} bytes since warm-up`);
}

/** Disposes the gateway while everybody still calls, lists and restarts. @returns how many processes outlive that */
async function disposeUnderLoad(world: World, childrenBefore: readonly number[]): Promise<number> {
  const { settings, gateway, pace, journal } = world;
  pace.resume();
  await delay(LAST_LOAD_MS);
  const stopped = pace.stop(SETTLE_MS).catch((error: unknown) => {
    journal.problem(String(error));
  });
  const good = settings.slots.filter(({ kind }) => kind === 'good');
  const last = good.flatMap(({ id }) => [0, 100, 3000].map((ms) => call(world, id, ms)));
  await gateway.dispose();
  const left = await leftAfterDispose(world, childrenBefore);
  await Promise.all([stopped, ...last]);
  return left;
}

async function leftAfterDispose(
  { processes, journal, webs }: World,
  childrenBefore: readonly number[],
): Promise<number> {
  let left: number[] = [];
  await until(
    async () => {
      const found = new Set([...(await processes.present()), ...(await children())]);
      for (const pid of [...childrenBefore, ...webs.map((web) => web.pid)]) found.delete(pid ?? 0);
      left = [...found];
      return left.length === 0;
    },
    'all have ended',
    GONE_MS,
  ).catch(() => {
    journal.problem(`${left.length} processes are left ${GONE_MS} ms after dispose: ${left.join(', ')}`);
    // Not on the machine of whoever looks for the reason.
    for (const pid of left) signalTo(pid, 'SIGKILL');
  });
  return left.length;
}

async function readCallLog({ accounts, folder }: World, id: string): Promise<void> {
  const lines = createInterface({ input: createReadStream(callLog(folder, id)) });
  for await (const line of lines) accounts.executed(id, line);
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  // What is left of a gateway that lets go of nothing must not keep the run from ending.
  .finally(() => process.exit());
