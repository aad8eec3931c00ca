import { table } from '../../src/cli/table.js';
import type { Check, Results } from './suite.js';

export type Verdict = 'pass' | 'fail' | 'not applicable';

/** One scenario, in each column of the table; where something passes in the first it must pass in the others. */
export interface Row {
  readonly scenario: string;
  readonly verdicts: readonly Verdict[];
  readonly note: string;
}

/** What cannot apply to a gateway, scenarios and single checks; `test/README.md` says so too. */
const NOT_APPLICABLE: Readonly<Record<string, string | undefined>> = {
  'server-sse-polling':
    'it asks as revision 2025-03-26, to which nobody offers a stream that is ended early and resumed (SEP-1699, 2025-11-25)',
  'server-sse-streams-functional':
    'lists are answered with plain JSON, which the scenario allows, so that there are no streams to look at',
};

/** @param columns the same scenarios, the first of them as the baseline */
export function compare([baseline, ...others]: readonly [Results, ...Results[]]): Row[] {
  const scenarios = new Set([baseline, ...others].flatMap((results) => [...results.keys()]));
  return [...scenarios].sort().map((scenario) => {
    const expected = baseline.get(scenario) ?? [];
    const columns = others.map((results) => judge(scenario, results.get(scenario) ?? [], expected));
    const all = [judge(scenario, expected, []), ...columns];
    return {
      scenario,
      verdicts: all.map(({ verdict }) => verdict),
      note: [...new Set(all.flatMap(({ notes }) => notes))].join('; '),
    };
  });
}

/** Whether something is wrong that is not wrong in the baseline. */
export const isWorse = ({ verdicts: [baseline, ...others] }: Row): boolean =>
  baseline !== 'fail' && others.includes('fail');

export const tableText = (columns: readonly string[], rows: readonly Row[]): string =>
  table(
    ['scenario', ...columns, 'note'],
    rows.map(({ scenario, verdicts, note }) => [scenario, ...verdicts, note]),
    undefined,
  );

/** @param expected what must succeed here, because it does elsewhere */
function judge(
  scenario: string,
  checks: readonly Check[],
  expected: readonly Check[],
): { verdict: Verdict; notes: string[] } {
  const succeeded = successes(checks);
  const lost = successes(expected).filter((id) => !succeeded.includes(id));
  const missing = lost.filter((id) => NOT_APPLICABLE[id] === undefined);
  const failed = checks.length === 0 || checks.some(({ status }) => status === 'FAILURE');
  const reason = NOT_APPLICABLE[scenario];
  if (!failed && missing.length === 0 && succeeded.length === 0 && reason !== undefined)
    return { verdict: 'not applicable', notes: [reason] };
  return {
    // What found nothing wrong and nothing right has looked at nothing.
    verdict: failed || missing.length > 0 || succeeded.length === 0 ? 'fail' : 'pass',
    notes: [
      ...checks
        .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
        .map(
          ({ id, status, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`,
        ),
      ...missing.map((id) => `without success: ${id}`),
      ...lost.map((id) => NOT_APPLICABLE[id]).filter((why) => why !== undefined),
    ],
  };
}

const successes = (checks: readonly Check[]): string[] => {
  const failed = new Set(checks.filter(({ status }) => status === 'FAILURE').map(({ id }) => id));
  return checks.filter(({ id, status }) => status === 'SUCCESS' && !failed.has(id)).map(({ id }) => id);
};
