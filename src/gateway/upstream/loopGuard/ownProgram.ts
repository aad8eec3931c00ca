import { access, constants, stat } from 'node:fs/promises';
import { delimiter, extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StdioLaunch } from '../../model/definition.js';

/** Names that are looked at in one launch; what is behind them is for the lineage to tell (see `model/lineage.ts`). */
const MAX_NAMES = 500;
/** Characters; no system has longer paths. */
const MAX_PATH = 4096;

/** Quoted parts of a shell's command line, and its words; an option's value is a word of its own. */
const WORDS = /"([^"]*)"|'([^']*)'|[^\s"'`=;&|()<>,]+/g;

/**
 * Whether the command or an argument of a launch names one of the gateway's own programs: by its path in any spelling,
 * by a link, by its name on the PATH, or inside a shell's command line. Starts nothing.
 * @param programs absolute paths
 * @param env what the launch's own environment is set on top of
 */
export async function startsOwnProgram(
  launch: StdioLaunch,
  programs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const own = new Set(await Promise.all(programs.map(identity)));
  const suffixes = ['', ...new Set(programs.map((program) => extname(program)))];
  for (const path of [await commandPath(launch, env), ...argumentPaths(launch)]) {
    // Node finds `cli.js` by `cli` too.
    for (const suffix of suffixes)
      if (path !== undefined && own.has(await identity(path + suffix))) return true;
  }
  return false;
}

/** The same for every path of a file: links, hard links and letter case make no difference. */
async function identity(path: string): Promise<string> {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  // Some network drives number no files.
  return file === undefined || file.ino === 0n ? path : `${file.dev}:${file.ino}`;
}

/** As the system finds it: a path from its folder, a bare name on the PATH. */
async function commandPath(
  { command, cwd, env: own }: StdioLaunch,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  if (/[/\\]/.test(command) || isAbsolute(command)) return resolve(cwd, command);
  const folders = [own, inherited].flatMap((env) => pathOf(env)?.split(delimiter) ?? []);
  for (const folder of folders) {
    const path = resolve(cwd, join(folder, command));
    if (await isProgram(path)) return path;
  }
  return undefined;
}

/** Windows spells the variable as it likes. */
const pathOf = (env: Readonly<Record<string, string | null | undefined>>): string | null | undefined =>
  Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH')?.[1];

const isProgram = (path: string): Promise<boolean> =>
  Promise.all([stat(path), access(path, constants.X_OK)]).then(
    ([file]) => file.isFile(),
    () => false,
  );

function argumentPaths({ args, cwd }: StdioLaunch): readonly string[] {
  const paths = new Set<string>();
  for (const arg of args) {
    const words = [...arg.matchAll(WORDS)].map(([word, double, single]) => double ?? single ?? word);
    for (const name of [arg, arg.slice(arg.indexOf('=') + 1), ...words]) {
      if (paths.size === MAX_NAMES) return [...paths];
      const path = name.length > MAX_PATH ? undefined : pathFrom(cwd, name);
      if (path !== undefined) paths.add(path);
    }
  }
  return [...paths];
}

function pathFrom(cwd: string, name: string): string | undefined {
  if (!name.startsWith('file:')) return resolve(cwd, name);
  try {
    return fileURLToPath(name);
  } catch {
    return undefined;
  }
}
