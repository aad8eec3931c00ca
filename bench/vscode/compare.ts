import { latencyRow, rateRow } from '../measure/compare.js';
import { median } from '../measure/stats.js';
import { callsPerSecond, inTurns, oneByOne, type Subject } from '../measure/turns.js';
import type { Row } from '../rows/row.js';
import type { Caller } from '../subjects/caller.js';
import { overSdk, overThin, type Served } from '../subjects/http.js';

/** Calls at most; a sample ends earlier when it takes long. */
export const CALLS = 200;
export const BURST = 4000;
const CALLERS = 16;

export const ROUNDS = 7;

/** The endpoints of one window on the same server. */
export interface Endpoints {
  readonly ours: Served;
  readonly theirs: Served;
}

/** Row 5. @param client where the client is, in words */
export async function compareGateways({ ours, theirs }: Endpoints, client: string): Promise<Row[]> {
  const [mine, other] = ['/mcp/<id>', "VS Code's gateway"];
  const samples = async (
    open: (served: Served) => Promise<Caller>,
    sample: (caller: Caller) => Promise<number>,
  ): Promise<ReadonlyMap<string, readonly number[]>> => {
    const callers = { [mine]: await open(ours), [other]: await open(theirs) };
    const subjects = Object.entries(callers).map(([name, caller]): Subject => ({
      name,
      sample: () => sample(caller),
    }));
    try {
      return await inTurns(subjects, ROUNDS);
    } finally {
      for (const caller of Object.values(callers)) await caller.close();
    }
  };
  const p50 = await samples(overSdk, async (caller) => median(await oneByOne(CALLS, caller.echo)));
  const rates = await samples(overThin, (caller) => callsPerSecond(CALLERS, BURST, caller.echo));
  return [
    latencyRow('5', `row 3 in VS Code, client in ${client}`, 0.1, p50, mine, other),
    rateRow('5', `row 4 in VS Code, client in ${client}`, 10, rates, mine, other),
  ];
}
