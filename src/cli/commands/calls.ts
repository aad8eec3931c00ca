import { setTimeout as delay } from 'node:timers/promises';
import { olderFile } from '../../base/files/rotatingLines.js';
import { FollowedLines, lastLines } from '../../base/files/readLines.js';
import { callsFile, thisMachine } from '../../endpoint/stateDirectory.js';
import { readCallRecord, type CallRecord } from '../../gateway/model/callRecord.js';
import type { CallsOptions } from '../commandLine.js';
import { exitCodes } from '../failure.js';
import { visible } from '../../base/text/visible.js';
import { shown, type Output } from '../output.js';

const POLL_MS = 250;

/** Prints the record of calls, the oldest first. @throws UsageError, with `follow` the signal's reason */
export async function calls(
  { last, follow, json }: CallsOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const path = callsFile(thisMachine());
  const print = async (lines: readonly string[]): Promise<void> => {
    const records = lines.map(readCallRecord).filter((record) => record !== undefined);
    const written = (record: CallRecord): string => (json ? shown(JSON.stringify(record)) : text(record));
    await output.write(records.map((record) => `${written(record)}\n`).join(''));
  };
  const newest = new FollowedLines(path, olderFile(path));
  const lines = await newest.read();
  const older = lines.length < last ? await lastLines(olderFile(path)) : [];
  if (!json && !follow && last > 0 && lines.length + older.length === 0)
    await output.write('No calls are recorded yet. Every gateway of yours records a call when it ends.\n');
  await print(last === 0 ? [] : [...older, ...lines].slice(-last));
  while (follow && !signal.aborted && !output.closed) {
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    await print(await newest.read());
  }
  signal.throwIfAborted();
  return exitCodes.done;
}

/** Columns that a reader can follow, and that stay the same from line to line. */
function text({ time, client, server, tool, outcome, ms, args }: CallRecord): string {
  const when = new Date(time).toLocaleString('sv-SE');
  const took = `${Math.round(ms)} ms`.padStart(9);
  const [by, at, what, how] = [client, server, tool, outcome].map((part) => visible(part, 'line'));
  return `${when} ${took}  ${String(how).padEnd(18)}  ${String(at)} ${String(what)}  (${String(by)}, arguments ${visible(args, 'line')})`;
}
