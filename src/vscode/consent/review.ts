import { substitute, type VariableContext } from '../../gateway/config/variables.js';
import type { HttpLaunch, ServerDefinition, ServerId, StdioLaunch } from '../../gateway/model/definition.js';
import { entryVariables } from './entryVariables.js';

/** What the user needs to know of a server that a workspace brings, before it may run. Plain text, not escaped. */
export interface Review {
  readonly id: ServerId;
  readonly title: string;
  readonly fingerprint: string;
  /** Whether the user's own settings have a server of this id, which it would replace. */
  readonly replaces: boolean;
  /** What it is, one fact each: what it runs or where it connects, what it sets, sends and reads. */
  readonly facts: readonly Fact[];
}

export interface Fact {
  readonly label: string;
  readonly text: string;
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * @param entry as the workspace's settings have it
 * @param definition what became of it
 * @param context what its variables stand for
 */
export function reviewOf(
  entry: unknown,
  { id, title, fingerprint, launch }: ServerDefinition,
  context: VariableContext,
  replaces: boolean,
): Review {
  const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as Entry;
  const shown = asShown(entry, context);
  const facts =
    launch.type === 'stdio' ? programFacts(fields, launch, shown) : addressFacts(fields, launch, shown);
  return { id, title, fingerprint, replaces, facts: [...facts, ...readsFact(entry, fields)] };
}

/**
 * Variables of the environment, which are mostly secrets, stay as they are written; all others are replaced, because what
 * a workspace's own settings make of a command or of an address must be seen.
 */
function asShown(entry: unknown, context: VariableContext): (text: string) => string {
  const names = entryVariables(entry).flatMap(({ name, argument }) =>
    name === 'env' && argument !== undefined ? [argument] : [],
  );
  const env = Object.fromEntries(names.map((name) => [name, `\${env:${name}}`]));
  return (text) => substitute(text, { ...context, env }).text;
}

function programFacts(entry: Entry, { cwd }: StdioLaunch, shown: (text: string) => string): Fact[] {
  const words = [entry['command'], ...(Array.isArray(entry['args']) ? (entry['args'] as unknown[]) : [])];
  const line = words.map((word) => quoted(shown(textOf(word)))).join(' ');
  return [
    { label: 'Runs', text: line },
    { label: 'In', text: cwd },
    // A variable of the environment can make a program run another.
    ...pairs('Sets', entry['env'], (name, value) =>
      value === null ? `${name} to nothing` : `${name}=${shown(textOf(value))}`,
    ),
  ];
}

function addressFacts(entry: Entry, { url }: HttpLaunch, shown: (text: string) => string): Fact[] {
  const address = shown(textOf(entry['url']));
  const { host } = new URL(url);
  return [
    { label: 'Connects to', text: address.includes(host) ? address : `${address} (${host})` },
    ...pairs(`Sends to ${host}`, entry['headers'], (name, value) => `${name}: ${textOf(value)}`),
  ];
}

const pairs = (label: string, record: unknown, inWords: (name: string, value: unknown) => string): Fact[] =>
  typeof record === 'object' && record !== null
    ? Object.entries(record).map(([name, value]) => ({ label, text: inWords(name, value) }))
    : [];

function readsFact(entry: unknown, { envFile }: Entry): Fact[] {
  const variables = entryVariables(entry);
  const named = (kind: string): string[] =>
    variables.flatMap(({ name, argument }) => (name === kind ? [argument ?? ''] : []));
  const reads = [
    ...counted('environment variable', named('env')),
    ...counted('setting', named('config')),
    ...counted('input', named('input')),
    ...(typeof envFile === 'string' ? [`the file ${envFile}`] : []),
  ];
  return reads.length === 0 ? [] : [{ label: 'Reads', text: reads.join('; ') }];
}

const counted = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${what}${names.length === 1 ? '' : 's'} ${names.join(', ')}`];

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Where one word ends must be seen. */
const quoted = (word: string): string => (/^[^\s"'\\]+$/u.test(word) ? word : JSON.stringify(word));
