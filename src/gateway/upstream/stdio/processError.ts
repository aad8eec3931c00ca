import { stat } from 'node:fs/promises';
import type { StdioLaunch } from '../../model/definition.js';

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

/** Whether a command is a path, which is not looked for on the PATH. */
export const isPath = (command: string): boolean =>
  command.includes('/') || (process.platform === 'win32' && command.includes('\\'));

/** The value of PATH; Windows' names ignore case, and most often it is `Path` there. */
export function pathOf(env: NodeJS.ProcessEnv): string {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH');
  return (process.platform === 'win32' ? name && env[name] : env.PATH) ?? '';
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
