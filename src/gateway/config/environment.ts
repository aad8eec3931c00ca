import { parseEnv } from 'node:util';
import { isSafeVariable, type InheritEnv } from '../model/inheritedEnv.js';
import type { EntryProblems } from './entryProblems.js';
import type { ParseOptions } from './options.js';
import { describeReadError, mostBytesOfTextFile, tooLarge } from './textFile.js';

/**
 * The variables of the env file, and over them those of `env`. Values of the file are taken as they are, without
 * variables replaced, as in VS Code.
 */
export async function readEnvironment(
  env: readonly (readonly [name: string, value: string | number | boolean | null])[],
  envFile: string | undefined,
  { options, problems }: { readonly options: ParseOptions; readonly problems: EntryProblems },
): Promise<Readonly<Record<string, string | null>>> {
  const fromFile = envFile === undefined ? {} : await readEnvFile(envFile, options, problems);
  for (const [name] of env) {
    if (name === '' || /[=\0]/.test(name))
      problems.error(
        `env.${name}`,
        '"env" has a name that no environment variable can have. Use letters, digits and underscores.',
      );
  }
  return Object.fromEntries([
    ...Object.entries(fromFile),
    ...env.map(([name, value]) => [name, value === null ? null : String(value)] as const),
  ]);
}

/** What a server inherits, by its entry and within what its place allows. */
export function inheritedEnvironment(
  asked: InheritEnv | undefined,
  { options, problems }: { readonly options: ParseOptions; readonly problems: EntryProblems },
): InheritEnv {
  const most = options.inheritEnv ?? 'all';
  if (asked === undefined || most === 'all') return asked ?? most;
  const wider =
    typeof asked === 'string' ? [asked].filter((name) => name !== 'safe') : asked.filter(isBeyondSafe);
  if (wider.length > 0)
    problems.warning(
      'inheritEnv',
      `"inheritEnv" of a workspace's server can only leave out more than "safe" does; ${quoted(wider)} has no effect. Define the server in your user settings, or hand a single variable on with "env".`,
    );
  return typeof asked === 'string' ? 'safe' : asked.filter((name) => !isBeyondSafe(name));
}

const isBeyondSafe = (name: string): boolean => name !== 'safe' && !isSafeVariable(name);

const quoted = (names: readonly string[]): string => {
  const [first = '', ...others] = names;
  return `"${first.slice(0, 60)}"${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
};

/** The fields whose variables are replaced; elsewhere `${env:…}` is only text. */
const FIELDS = ['command', 'args', 'env', 'envFile', 'cwd', 'url', 'headers', 'inheritEnv'];

/** The names of the host's variables that an entry of whatever shape names. */
export function namedVariables(entry: unknown): readonly string[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const fields = FIELDS.map((field) => (entry as Readonly<Record<string, unknown>>)[field]);
  const text = JSON.stringify(fields);
  const named = [...text.matchAll(/\$\{env:([^{}]+)\}/g)].flatMap(([, name]) => name ?? []);
  const listed: unknown = fields.at(-1);
  const inherited = Array.isArray(listed)
    ? listed.filter((name): name is string => typeof name === 'string')
    : [];
  return [...new Set([...named, ...inherited.filter((name) => name !== 'safe')])];
}

async function readEnvFile(
  path: string,
  options: ParseOptions,
  problems: EntryProblems,
): Promise<Readonly<Record<string, string>>> {
  let why: string;
  try {
    const text = await options.readFile(path);
    if (text.length <= mostBytesOfTextFile) {
      const parsed = Object.entries(parseEnv(text));
      return Object.fromEntries(
        parsed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      );
    }
    why = tooLarge;
  } catch (error) {
    why = describeReadError(error);
  }
  problems.error('envFile', `"envFile" names ${path}, which ${why}. Correct the path or remove "envFile".`);
  return {};
}
