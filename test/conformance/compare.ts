import { table } from '../../src/cli/table.js';
import type { Check, Results } from './suite.js';

type Verdict = 'pass' | 'fail' | 'not applicable' | '-';

/** One scenario, directly against a server and through the gateway in front of the same server. */
export interface Row {
  readonly scenario: string;
  readonly direct: Verdict;
  readonly gateway: Verdict;
  readonly note: string;
}

/** Checks that cannot succeed through the gateway, with the reason; `test/README.md` lists them too. */
const NOT_APPLICABLE: Readonly<Record<string, string | undefined>> = {
  'server-sse-streams-functional':
    'lists are answered with plain JSON, which the scenario allows: there are no streams to look at',
};

/**
 * @param gateway without it only the first column is filled
 */
export function compare(direct: Results, gateway: Results | undefined): Row[] {
  const scenarios = new Set([...direct.keys(), ...(gateway?.keys() ?? [])]);
  return [...scenarios].map((scenario) =>
    row(scenario, direct.get(scenario) ?? [], gateway && (gateway.get(scenario) ?? [])),
  );
}

/** Whether something is wrong through the gateway that is not wrong directly. */
export const isWorse = ({ direct, gateway }: Row): boolean => direct !== 'fail' && gateway === 'fail';

export const tableText = (rows: readonly Row[]): string =>
  table(
    ['scenario', 'direct', 'gateway', 'note'],
    rows.map(({ scenario, direct, gateway, note }) => [scenario, direct, gateway, note]),
    undefined,
  );

/** A scenario that found nothing wrong and nothing right looked at nothing. */
export function verdict(checks: readonly Check[]): Verdict {
  if (checks.length === 0 || checks.some(({ status }) => status === 'FAILURE')) return 'fail';
  return checks.some(({ status }) => status === 'SUCCESS') ? 'pass' : 'not applicable';
}

/** What a scenario complains of, one sentence each. */
export const complaints = (checks: readonly Check[]): string[] =>
  checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`);

function row(scenario: string, direct: readonly Check[], gateway: readonly Check[] | undefined): Row {
  if (gateway === undefined)
    return { scenario, direct: verdict(direct), gateway: '-', note: complaints(direct).join('; ') };
  const lost = succeeded(direct).filter((id) => !succeeded(gateway).includes(id));
  const reasons = lost.map((id) => NOT_APPLICABLE[id]);
  const unexplained = lost.filter((id) => NOT_APPLICABLE[id] === undefined);
  return {
    scenario,
    direct: verdict(direct),
    gateway: unexplained.length > 0 ? 'fail' : verdict(gateway),
    note: [
      ...complaints(gateway),
      ...(unexplained.length > 0 ? [`only directly: ${unexplained.join(', ')}`] : []),
      ...reasons.filter((reason) => reason !== undefined),
    ].join('; '),
  };
}

const succeeded = (checks: readonly Check[]): string[] => {
  const failed = new Set(checks.filter(({ status }) => status === 'FAILURE').map(({ id }) => id));
  return checks.filter(({ id, status }) => status === 'SUCCESS' && !failed.has(id)).map(({ id }) => id);
};
