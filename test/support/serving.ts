import { startCli, type RunningCli } from './cli.js';
import { stateIn } from './connectClient.js';
import { until } from './gateway.js';

/** What `serve` says first. */
export interface Served {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly servers: Readonly<Record<string, string>>;
}

export interface Serving extends Served {
  readonly running: RunningCli;
  /** Everything on its standard output. */
  readonly stdout: () => string;
  /** Ends it in good order. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Awaited<RunningCli['ended']>>;
}

/** `serve`, once it has said where it is. @param folder of its user's state */
export async function startServe(
  folder: string,
  args: readonly string[],
  cleanups: (() => Promise<unknown>)[],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const running = startCli(['serve', ...args], { env: { ...stateIn(folder), ...env } });
  const { child } = running;
  let stdout = '';
  child.stdout!.on('data', (chunk: Buffer | string) => (stdout += chunk.toString()));
  const stop: Serving['stop'] = (signal = 'SIGTERM') => {
    if (child.exitCode === null) child.kill(signal);
    return running.ended;
  };
  cleanups.push(() => stop());
  await until(() => stdout.includes('\n') || child.exitCode !== null, 'it says where it is', 20_000);
  if (!stdout.includes('\n')) throw new Error(`serve ended: ${(await running.ended).stderr}`);
  const served = JSON.parse(stdout.split('\n')[0]!) as Served;
  return { ...served, running, stdout: () => stdout, stop };
}
