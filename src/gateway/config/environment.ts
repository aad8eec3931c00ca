import { parseEnv } from 'node:util';
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
