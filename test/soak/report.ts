import type { Audit } from './accounts.js';
import type { Journal } from './journal.js';
import type { Memory } from './measure.js';

/** What a run found, beside what its journal counted. */
export interface Findings {
  readonly seed: number;
  readonly minutes: number;
  readonly journal: Journal;
  readonly audit: Audit;
  readonly processes: number;
  readonly left: number;
  readonly afterWarmUp: Memory;
  readonly atEnd: Memory;
  /** Milliseconds, after warm-up. */
  readonly lag: { readonly p99: number; readonly max: number };
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const growthOf = (what: keyof Memory, { afterWarmUp, atEnd }: Findings): string =>
  `${what === 'rss' ? 'resident' : 'heap'} ${megabytes(afterWarmUp[what])} → ${megabytes(atEnd[what])} MB (× ${(atEnd[what] / afterWarmUp[what]).toFixed(2)})`;

const listed = (tallies: readonly (readonly [string, number])[]): string =>
  tallies.map(([what, count]) => `${what} ${count}`).join(', ') || 'none';

/** The closing lines: short, plain and complete. */
export function report(findings: Findings): string {
  const { seed, minutes, journal, audit, processes, left, lag } = findings;
  const ms = (what: string): string => `${Math.round(journal.tally(what))} ms`;
  const lines = [
    `soak of ${minutes} min, seed ${seed}, node ${process.version}, ${process.platform}`,
    `calls       ${audit.calls}: ${audit.answered} answered, ${audit.notExecuted} not executed, ${audit.unknown} of unknown outcome (${audit.unknownThatRan} of them ran); slowest ${ms('slowest call')}`,
    `  not executed: ${listed(journal.tallies('not-executed: '))}`,
    `  unknown: ${listed(journal.tallies('unknown: '))}`,
    `executions  ${audit.executions} counted by the servers = ${audit.answered} answered + ${audit.unknownThatRan} unknown; calls that do not add up: ${audit.wrong}`,
    `lists       ${journal.tally('lists')}, slowest ${ms('slowest list')}`,
    `mischief    ${listed(journal.tallies('did: '))}`,
    `hostile     ${listed(journal.tallies('hostile: '))}; questions ${journal.tally('questions')}, at once ${journal.tally('questions at once')}; slowest ${['bombs', 'giant', 'storm'].map((what) => `${what} ${ms(`slowest ${what}`)}`).join(', ')}`,
    `processes   ${processes} started, ${left} left 2 s after dispose`,
    `memory      after warm-up → at the end: ${growthOf('heapUsed', findings)}, ${growthOf('rss', findings)}`,
    `loop lag    after warm-up: p99 ${lag.p99.toFixed(1)} ms, max ${lag.max.toFixed(1)} ms`,
  ];
  const more = journal.problemCount - journal.problems.length;
  return [
    ...journal.problems.map((problem) => `✖ ${problem}`),
    ...(more > 0 ? [`✖ … and ${more} more`] : []),
    ...lines,
    journal.problemCount === 0 ? 'soak passed' : `soak failed: ${journal.problemCount} problems`,
  ].join('\n');
}
