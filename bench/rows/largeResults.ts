import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { latencyRow } from '../measure/compare.js';
import { median } from '../measure/stats.js';
import { inTurns, millis } from '../measure/turns.js';
import type { Caller } from '../subjects/caller.js';
import { overThin, type Served } from '../subjects/http.js';
import { serve, stdioSettings } from '../subjects/ours.js';
import { startSdkHttp } from '../subjects/sdkHttp.js';
import { megabytes, ms, times, type Effort, type Row } from './row.js';

/** Milliseconds that a call of another client may take longer than any did before. */
const STALL_MS = 50;
/** Calls of another client that show how long one takes when nothing large comes. */
const QUIET_CALLS = 200;

/** Row 15: one large result, in time and in memory, and how long it keeps others waiting. */
export async function largeResult({ rounds, largeChars }: Effort, home: string): Promise<Row[]> {
  const folder = join(home, 'large');
  await mkdir(folder);
  const ours = await serve({ bench: stdioSettings(), other: stdioSettings() }, folder);
  const sdk = await startSdkHttp();
  try {
    const mine = await overThin(ours.one('bench'), 1);
    const theirs = await overThin(sdk.served, 1);
    const other = await overThin(ours.one('other'), 1);
    await Promise.all([mine.echo(), theirs.echo(), other.echo()]);
    const large = (caller: Caller) => (): Promise<number> =>
      millis(async () => {
        const chars = await caller.large(largeChars);
        if (chars !== largeChars) throw new Error(`${chars} of ${largeChars} characters came.`);
      });
    const before = await ours.program.residentBytes();
    await large(mine)();
    const more = (await ours.program.peakBytes()) - before;
    const count = Math.min(rounds, 7);
    const samples = await inTurns(
      [
        { name: 'ours', sample: large(mine) },
        { name: 'SDK HTTP', sample: large(theirs) },
      ],
      count,
    );
    const unread = await callUnread(ours.one('bench'), largeChars);
    const stalls: number[] = [];
    for (let round = 0; round < count; round++) stalls.push(await stall(other, unread));
    await Promise.all([mine.close(), theirs.close(), other.close()]);
    const what = `a result of ${(largeChars / 1e6).toFixed(1)} MB through \`/mcp/<id>\`, p50`;
    return [
      latencyRow('15', what, 1, samples, 'ours', 'SDK HTTP'),
      {
        id: '15',
        measure: 'the same: the most memory that it takes',
        against: 'the size of the result',
        target: '≤ 2.5 ×',
        figure: times(more / largeChars),
        met: more <= 2.5 * largeChars,
        detail: megabytes(more),
      },
      {
        id: '15',
        measure:
          'the same: how much longer than ever before the longest call of another client takes meanwhile, p50',
        against: 'its longest call when nothing large comes',
        target: `≤ ${STALL_MS} ms`,
        figure: ms(median(stalls)),
        met: median(stalls) <= STALL_MS,
        detail: `at most ${ms(Math.max(...stalls))}`,
      },
    ];
  } finally {
    await Promise.all([ours.program.stop(), sdk.program.stop()]);
  }
}

/** @returns milliseconds that the longest call of one client takes longer while another one's work goes on than without it */
async function stall({ echo }: Caller, work: () => Promise<unknown>): Promise<number> {
  let quietMs = 0;
  for (let call = 0; call < QUIET_CALLS; call++) quietMs = Math.max(quietMs, await millis(echo));
  const state = { over: false };
  const done = work().finally(() => {
    state.over = true;
  });
  let longestMs = 0;
  while (!state.over) longestMs = Math.max(longestMs, await millis(echo));
  await done;
  return Math.max(0, longestMs - quietMs);
}

/** A call for a large result that is thrown away as it comes: reading it would keep the other client of this process waiting. */
async function callUnread({ url, headers = {} }: Served, chars: number): Promise<() => Promise<void>> {
  const own: Record<string, string> = {
    ...headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = (message: object): Promise<Response> =>
    fetch(url, { method: 'POST', headers: own, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  const clientInfo = { name: 'bench', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  const opened = await post({ id: 1, method: 'initialize', params });
  await opened.text();
  own['mcp-session-id'] = opened.headers.get('mcp-session-id') ?? '';
  await (await post({ method: 'notifications/initialized' })).text();
  return async () => {
    const call = { name: 'echo', arguments: { text: '', chars } };
    const { body } = await post({ id: 2, method: 'tools/call', params: call });
    let bytes = 0;
    for await (const chunk of body ?? []) bytes += (chunk as Uint8Array).length;
    if (bytes < chars) throw new Error(`${bytes} of ${chars} bytes came.`);
  };
}
