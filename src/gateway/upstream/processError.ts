import { stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import which from 'which';
import type { StdioLaunch } from '../model/definition.js';

/** The program could not be started, or ended. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';

  constructor(
    message: string,
    /** What only a log has room for. */
    readonly detail?: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

const isPath = (command: string): boolean =>
  command.includes('/') || (process.platform === 'win32' && command.includes('\\'));

/** The value of PATH; Windows' names ignore case, and most often it is `Path` there. */
function pathOf(env: NodeJS.ProcessEnv): string {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH');
  return (process.platform === 'win32' ? name && env[name] : env.PATH) ?? '';
}

/**
 * Windows starts a shell for what is no program, so that a missing command would only show as the shell's exit code and
 * words, in the user's language.
 * @param env the environment that the program is to have
 * @throws ProcessError on Windows, when there is no such program; elsewhere the system says so itself
 */
export async function throwIfMissing(launch: StdioLaunch, env: NodeJS.ProcessEnv): Promise<void> {
  if (process.platform !== 'win32') return;
  const { command, cwd } = launch;
  const path = [cwd, pathOf(env)].join(delimiter);
  const found = await Promise.any([
    which(isPath(command) ? resolve(cwd, command) : command, { path }),
    // A script without an ending that Windows knows; its first line names the program to run it with.
    which(isPath(command) ? resolve(cwd, command) : command, { path, pathExt: delimiter }),
  ]).catch(() => undefined);
  if (found === undefined)
    throw await spawnFailure(launch, env, Object.assign(new Error('not found'), { code: 'ENOENT' }));
}

/** Why a program could not be started, with what to do about it. @param env the environment that it was to have */
export async function spawnFailure(
  { command, cwd }: StdioLaunch,
  env: NodeJS.ProcessEnv,
  error: unknown,
): Promise<ProcessError> {
  const code = (error as NodeJS.ErrnoException).code;
  const folder = await stat(cwd).catch(() => undefined);
  if (!folder?.isDirectory())
    return new ProcessError(`Its folder ${cwd} does not exist. Correct "cwd".`, undefined, error);
  if (code === 'ENOENT' && isPath(command))
    return new ProcessError(
      `The command "${command}" was not found. Install it, or correct "command".`,
      undefined,
      error,
    );
  if (code === 'ENOENT')
    return new ProcessError(
      `The command "${command}" was not found on the PATH, which its log shows. Install it, or give its full path in "command".`,
      `The PATH that was searched: ${pathOf(env)}`,
      error,
    );
  if (code === 'EACCES')
    return new ProcessError(
      `The command "${command}" may not be run (permission denied). Make it executable.`,
      undefined,
      error,
    );
  return new ProcessError(
    `The command "${command}" could not be started: ${String(code ?? error)}.`,
    undefined,
    error,
  );
}
