import type { Turns } from '../rows/row.js';
import type { Caller } from '../subjects/caller.js';
import { median } from './stats.js';
import { callsPerSecond, inTurns, oneByOne } from './turns.js';

/** Callers at the same time, where there are several. */
export const CALLERS = 16;

export type Named<T> = readonly (readonly [name: string, T])[];

type Measured = ReturnType<typeof inTurns>;

/** Medians of calls one after the other, in milliseconds, by name. */
export const latencies = (callers: Named<Caller>, { rounds, calls }: Turns): Measured =>
  inTurns(
    callers.map(([name, { echo }]) => ({ name, sample: async () => median(await oneByOne(calls, echo)) })),
    rounds,
  );

/** Calls per second of several callers, by name. */
export const rates = (callers: Named<Caller>, { rounds, calls }: Turns): Measured =>
  inTurns(
    callers.map(([name, { echo }]) => ({ name, sample: () => callsPerSecond(CALLERS, calls, echo) })),
    rounds,
  );

/** Opens a caller of each for as long as the work takes. */
export async function withCallers<S, T>(
  subjects: Named<S>,
  open: (subject: S) => Promise<Caller>,
  work: (callers: Named<Caller>) => Promise<T>,
): Promise<T> {
  const callers: (readonly [string, Caller])[] = [];
  try {
    for (const [name, one] of subjects) callers.push([name, await open(one)]);
    return await work(callers);
  } finally {
    for (const [, caller] of callers) await caller.close().catch(() => undefined);
  }
}
