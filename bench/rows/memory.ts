import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CALLERS } from '../measure/callers.js';
import { callsPerSecond } from '../measure/turns.js';
import { overThin, type Served } from '../subjects/http.js';
import { manyServers, TOOLS_EACH } from '../subjects/manyServers.js';
import { serve } from '../subjects/ours.js';
import type { Program } from '../subjects/programs.js';
import { startSdkHttp } from '../subjects/sdkHttp.js';
import { megabytes, times, type Effort, type Row } from './row.js';

const SERVERS = 50;
/** Milliseconds that a process has to come to rest. */
const REST_MS = 2000;

/** Row 14: memory of a process, idle with many servers, and after row 4's load. */
export async function memory(effort: Effort, home: string): Promise<Row[]> {
  const folder = join(home, 'memory');
  await mkdir(folder);
  const ours = await serve(await manyServers(SERVERS, folder), folder);
  const sdk = await startSdkHttp(SERVERS * TOOLS_EACH);
  try {
    await delay(REST_MS);
    const idle = await both(ours.program, sdk.program);
    await load(ours.one('s0'), effort);
    await load(sdk.served, effort);
    const after = await both(ours.program, sdk.program);
    return [memoryRow('idle', 1.1, idle), memoryRow("after row 4's load", 0.5, after)];
  } finally {
    await Promise.all([ours.program.stop(), sdk.program.stop()]);
  }
}

type Pair = readonly [ours: number, theirs: number];

const both = async (ours: Program, theirs: Program): Promise<Pair> => [
  await ours.residentBytes(),
  await theirs.residentBytes(),
];

/** As much as row 4 does in all its rounds. */
async function load(served: Served, { overHttp: { bursts } }: Effort): Promise<void> {
  const caller = await overThin(served);
  for (let round = 0; round < bursts.rounds; round++)
    await callsPerSecond(CALLERS, bursts.calls, caller.echo);
  await caller.close();
}

const memoryRow = (when: string, target: number, [ours, theirs]: Pair): Row => ({
  id: '14',
  measure: `resident memory of \`serve\` with ${SERVERS} cached servers, ${when}`,
  against: 'SDK HTTP',
  target: `≤ ${target} ×`,
  figure: times(ours / theirs),
  met: ours / theirs <= target,
  detail: `${megabytes(ours)} : ${megabytes(theirs)}`,
});
