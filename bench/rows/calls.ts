import { CALLERS, latencies, rates, withCallers } from '../measure/callers.js';
import { latencyRow, rateRow } from '../measure/compare.js';
import type { Caller } from '../subjects/caller.js';
import { overSdk, overThin, type Served } from '../subjects/http.js';
import { direct, directV2, directWithProgress, floor } from '../subjects/stdio.js';
import { oursInProcess } from '../subjects/ours.js';
import type { Calls, Effort, Row } from './row.js';

/** Everything that is served over HTTP, by name. */
export type ServedByName = ReadonlyMap<string, Served>;

/** Rows 1 and 2: without HTTP, against clients that are directly at the server. */
export async function callsInProcess({ inProcess }: Effort, cacheDirectory: string): Promise<Row[]> {
  const callers = new Map<string, Caller>([
    ['ours', await oursInProcess(cacheDirectory)],
    ['SDK client', await direct()],
    ['SDK client that asks for progress', await directWithProgress()],
    ['SDK client 2', await directV2()],
    ['floor', await floor()],
  ]);
  try {
    const p50 = await latencies([...callers], inProcess.oneByOne);
    const perSecond = await rates([...callers], inProcess.bursts);
    return [
      latencyRow('1', 'a call in process, 1 caller, p50', 0.9, p50, 'ours', 'SDK client'),
      latencyRow('1a', 'the same, p50', undefined, p50, 'ours', 'SDK client that asks for progress'),
      latencyRow('1b', 'the same, p50', undefined, p50, 'ours', 'SDK client 2'),
      latencyRow('1c', 'the same, p50', undefined, p50, 'ours', 'floor'),
      rateRow('2', `calls in process, ${CALLERS} callers`, 1.2, perSecond, 'ours', 'SDK client'),
      rateRow('2a', 'the same', undefined, perSecond, 'ours', 'SDK client that asks for progress'),
      rateRow('2b', 'the same', undefined, perSecond, 'ours', 'SDK client 2'),
      rateRow('2c', 'the same', undefined, perSecond, 'ours', 'floor'),
    ];
  } finally {
    for (const caller of callers.values()) await caller.close();
  }
}

/** Rows 3, 4 and 6: over HTTP, against the SDK's own server and against the public gateways. */
export async function callsOverHttp(
  calls: Calls,
  served: ServedByName,
  peers: readonly string[],
): Promise<Row[]> {
  const all = [...served];
  const p50 = await withCallers(all, overSdk, (callers) => latencies(callers, calls.oneByOne));
  const perSecond = await withCallers(all, overThin, (callers) => rates(callers, calls.bursts));
  return [
    latencyRow('3', 'a call through `/mcp/<id>`, SDK client, 1 caller, p50', 1, p50, '/mcp/<id>', 'SDK HTTP'),
    latencyRow('3a', 'the same through `/mcp`, p50', undefined, p50, '/mcp', 'SDK HTTP'),
    rateRow(
      '4',
      `calls through \`/mcp/<id>\`, thin client, ${CALLERS} callers`,
      2,
      perSecond,
      '/mcp/<id>',
      'SDK HTTP',
    ),
    rateRow('4a', 'the same through `/mcp`', undefined, perSecond, '/mcp', 'SDK HTTP'),
    ...peers.flatMap((peer) => [
      latencyRow('6', 'row 3, p50', 1, p50, '/mcp/<id>', peer),
      rateRow('6', 'row 4', 1, perSecond, '/mcp/<id>', peer),
    ]),
  ];
}
