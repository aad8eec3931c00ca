/** `npm run bench [-- --smoke]`: everything that needs no editor, side by side; `--smoke` does the least and writes nothing. */
import { parseArgs } from 'node:util';
import { report, surroundings, table } from './report/results.js';
import { callsInProcess, callsOverHttp } from './rows/calls.js';
import { firstLists } from './rows/firstLists.js';
import { lists, type Growth } from './rows/lists.js';
import { largeResult } from './rows/largeResults.js';
import { memory } from './rows/memory.js';
import { CALLERS } from './measure/callers.js';
import { MAX_SAMPLE_MS } from './measure/turns.js';
import { SMOKE, WHOLE, type Calls, type Effort, type Row } from './rows/row.js';
import type { Served } from './subjects/http.js';
import { scratch, serve, stdioSettings } from './subjects/ours.js';
import { installPeers, PEER_VERSIONS, PEERS } from './subjects/peers.js';
import type { Program } from './subjects/programs.js';
import { startSdkHttp } from './subjects/sdkHttp.js';

const { smoke, only } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
}).values;

/** Every row that needs no editor, measured. */
async function measure(effort: Effort, home: string): Promise<{ rows: Row[]; growth: readonly Growth[] }> {
  const rows: Row[] = [];
  let growth: readonly Growth[] = [];
  const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
    calls: () => callsInProcess(effort, `${home}/cache`),
    http: () => overHttp(effort, home),
    lists: async () => {
      const measured = await lists(effort, home);
      growth = measured.growth;
      return measured.rows;
    },
    first: () => firstLists(effort, home),
    memory: () => memory(effort, home),
    large: () => largeResult(effort, home),
  };
  for (const [name, part] of Object.entries(parts)) {
    if (only && !only.includes(name)) continue;
    const start = performance.now();
    const measured = await part();
    rows.push(...measured);
    console.log(`${table(measured)}\n(${((performance.now() - start) / 1000).toFixed(0)} s)\n`);
  }
  return { rows, growth };
}

/** All that is served over HTTP, at the same time: whoever has no turn is idle. */
async function overHttp(effort: Effort, home: string): Promise<Row[]> {
  await installPeers();
  const programs: Program[] = [];
  try {
    const served = new Map<string, Served>();
    const ours = await serve({ bench: stdioSettings() }, home);
    programs.push(ours.program);
    served.set('/mcp/<id>', ours.one('bench')).set('/mcp', ours.all);
    const sdk = await startSdkHttp();
    programs.push(sdk.program);
    served.set('SDK HTTP', sdk.served);
    for (const { name, start } of PEERS) {
      const peer = await start(home);
      programs.push(peer.program);
      served.set(name, peer.served);
    }
    return await callsOverHttp(
      effort.overHttp,
      served,
      PEERS.map(({ name }) => name),
    );
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

const inWords = (where: string, { oneByOne, bursts }: Calls): string =>
  `${where}: ${oneByOne.rounds} rounds of at most ${oneByOne.calls} calls one after the other, ${bursts.rounds} of at most ${bursts.calls} calls by ${CALLERS} callers.`;

/** The measures that need no editor. */
const MEASURES = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 14, 15];

/** @throws when a measure has no row, or a row no number */
function checkNumbers(rows: readonly Row[]): void {
  for (const { id, figure, detail } of rows)
    if (!/^\d/.test(figure) || /NaN|Infinity/.test(figure + detail))
      throw new Error(`Row ${id} has no number: ${figure} (${detail})`);
  const missing = MEASURES.filter((measure) => !rows.some(({ id }) => parseInt(id) === measure));
  if (missing.length > 0) throw new Error(`There is no row for ${missing.join(', ')}.`);
}

async function main(): Promise<void> {
  const { path, remove } = await scratch();
  try {
    const effort = smoke ? SMOKE : WHOLE;
    const { rows, growth } = await measure(effort, path);
    if (only) return;
    if (smoke) {
      checkNumbers(rows);
      return;
    }
    await report({
      part: 'bench',
      ...(await surroundings(PEER_VERSIONS)),
      workload: `${inWords('In process', effort.inProcess)} ${inWords('Over HTTP', effort.overHttp)} A round begins no call after ${MAX_SAMPLE_MS} ms. The server echoes a short text.`,
      rows,
      growth,
    });
  } finally {
    await remove();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
