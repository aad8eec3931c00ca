import { visible } from '../../base/text/visible.js';
import type { ConfigProblem, ServerId } from '../model/definition.js';
import { foreignFields, nearestField } from './fields.js';
import type { ParseOptions } from './options.js';
import { serverEntrySchema, type ServerEntry } from './schema.js';

/** At most so many problems are told of one server; nobody reads more. */
const mostProblems = 20;

/** Collects what is wrong with one server. Messages begin with the field's name and never hold a value. */
export class EntryProblems {
  readonly #problems: ConfigProblem[] = [];
  #failed = false;

  /** @param place where the servers are, such as `mcpGateway.servers` */
  constructor(
    readonly server: ServerId,
    readonly place: string,
  ) {}

  error(field: string, message: string): void {
    this.#failed = true;
    this.#add('error', field, message);
  }

  warning(field: string, message: string): void {
    this.#add('warning', field, message);
  }

  /** Whether the server cannot run. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Errors first, as they are what keeps the server from running. */
  get all(): readonly ConfigProblem[] {
    const rank = (problem: ConfigProblem): number => (problem.severity === 'error' ? 0 : 1);
    return this.#problems.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostProblems);
  }

  #add(severity: ConfigProblem['severity'], field: string, message: string): void {
    // Names of fields come from the settings and go into logs and terminals.
    const path = visible(
      field ? `${this.place}.${this.server}.${field}` : `${this.place}.${this.server}`,
      'name',
    );
    const same = this.#problems.some((problem) => problem.path === path && problem.message === message);
    // The first error is always kept, however many warnings came before it.
    const room = this.#problems.length < mostProblems || severity === 'error';
    if (!same && room && this.#problems.length < 2 * mostProblems)
      this.#problems.push({ path, server: this.server, severity, message: visible(message, 'line') });
  }
}

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** The entry with the right types in the known fields, or `undefined` with the problems told. */
export function checkTypes(raw: unknown, problems: EntryProblems): ServerEntry | undefined {
  const parsed = serverEntrySchema.safeParse(raw);
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw))
    warnOfUnknownFields(raw as Record<string, unknown>, problems);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues.slice(0, mostProblems)) {
    const field = shown(issue.path.map(String).join('.'));
    problems.error(field, `${field ? `"${field}"` : 'The server'} ${issue.message}`);
  }
  return undefined;
}

function warnOfUnknownFields(entry: Record<string, unknown>, problems: EntryProblems): void {
  const { tools, timeouts, ...rest } = serverEntrySchema.shape;
  const known = [...Object.keys(rest), 'tools', 'timeouts'];
  warnOfKeys(entry, '', known, foreignFields, problems);
  for (const [group, shape] of [
    ['tools', tools.unwrap().shape],
    ['timeouts', timeouts.unwrap().shape],
  ] as const) {
    const value = Object.hasOwn(entry, group) ? entry[group] : undefined;
    if (typeof value === 'object' && value !== null)
      warnOfKeys(value, `${group}.`, Object.keys(shape), [], problems);
  }
  if (Object.hasOwn(entry, 'sandboxEnabled') && entry['sandboxEnabled'] === true)
    problems.warning(
      'sandboxEnabled',
      '"sandboxEnabled" has no effect here: the server runs without a sandbox. Disable the server if that will not do.',
    );
}

function warnOfKeys(
  value: object,
  prefix: string,
  known: readonly string[],
  foreign: readonly string[],
  problems: EntryProblems,
): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key) && !foreign.includes(key));
  for (const key of unknown.slice(0, mostProblems)) {
    const nearest = nearestField(key, known);
    const field = `${prefix}${shown(key)}`;
    problems.warning(
      field,
      `"${field}" is no field of a server and is ignored. ${
        nearest === undefined ? 'Remove it.' : `Did you mean "${prefix}${nearest}"?`
      }`,
    );
  }
}

/** A filter that is broken hides every tool, so it is an error here and told before the server runs. */
export function checkFilter(
  entry: ServerEntry,
  filterProblem: NonNullable<ParseOptions['filterProblem']>,
  problems: EntryProblems,
): void {
  const { include, exclude = [] } = entry.tools ?? {};
  const whole = filterProblem({ include, exclude });
  if (whole === undefined) return;
  for (const [list, globs] of [
    ['include', include ?? []],
    ['exclude', exclude],
  ] as const) {
    globs.forEach((glob, index) => {
      const problem = filterProblem({ include: undefined, exclude: [glob] });
      const field = `tools.${list}.${index}`;
      if (problem !== undefined) problems.error(field, `"${field}" cannot be used. ${problem}`);
    });
  }
  if (!problems.failed) problems.error('tools', `"tools" cannot be used. ${whole}`);
}
