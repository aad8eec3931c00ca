import { latencies, rates, withCallers } from '../measure/callers.js';
import { latencyRow, rateRow } from '../measure/compare.js';
import type { Row } from '../rows/row.js';
import { overSdk, overThin, type Served } from '../subjects/http.js';

/** Calls at most; a sample ends earlier when it takes long. */
export const CALLS = 200;
export const BURST = 4000;

export const ROUNDS = 7;

/** The endpoints of one window on the same server. */
export interface Endpoints {
  readonly ours: Served;
  readonly theirs: Served;
}

/** Row 5. @param client where the client is, in words */
export async function compareGateways({ ours, theirs }: Endpoints, client: string): Promise<Row[]> {
  const [mine, other] = ['/mcp/<id>', "VS Code's gateway"] as const;
  const both = [
    [mine, ours],
    [other, theirs],
  ] as const;
  const p50 = await withCallers(both, overSdk, (callers) =>
    latencies(callers, { rounds: ROUNDS, calls: CALLS }),
  );
  const perSecond = await withCallers(both, overThin, (callers) =>
    rates(callers, { rounds: ROUNDS, calls: BURST }),
  );
  return [
    latencyRow('5', `row 3 in VS Code, client in ${client}, p50`, 0.1, p50, mine, other),
    rateRow('5', `row 4 in VS Code, client in ${client}`, 10, perSecond, mine, other),
  ];
}
