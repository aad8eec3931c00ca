import { delimiter, isAbsolute, join, resolve } from 'node:path';
import which from 'which';
import type { StdioLaunch } from '../../model/definition.js';
import { isPath, pathOf, spawnFailure } from './processError.js';

/**
 * What to start for a launch: on Windows the program's full path, elsewhere the command as it is, because the system finds
 * it itself and says when there is none. Windows looks in the current folder first, where a repository could put an
 * `npx.cmd` of its own; here the PATH comes first and the server's folder last, as in VS Code. And Windows starts a shell for
 * what is no program, so that a missing command would only show as the shell's exit code and words, in the user's language.
 * @param env the environment that the program is to have
 * @throws ProcessError on Windows, when there is no such program
 */
export async function findProgram(launch: StdioLaunch, env: NodeJS.ProcessEnv): Promise<string> {
  if (process.platform !== 'win32') return launch.command;
  const { command, cwd } = launch;
  const places = isPath(command)
    ? [resolve(cwd, command)]
    : [...pathOf(env).split(delimiter).map(unquoted).filter(isAbsolute), cwd].map((at) => join(at, command));
  // After the endings that Windows knows a script without one; its first line names the program to run it with.
  for (const options of [{}, { pathExt: delimiter }])
    for (const place of places) {
      const found = await which(place, options).catch(() => undefined);
      if (found !== undefined) return found;
    }
  throw await spawnFailure(launch, env, Object.assign(new Error('not found'), { code: 'ENOENT' }));
}

/** Windows lets a folder of the PATH stand in quotes. */
const unquoted = (folder: string): string => folder.replace(/^"(.*)"$/, '$1');
