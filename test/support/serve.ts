import { join } from 'node:path';
import { buildCli, startCli, writeConfig } from './cli.js';

/** The first line that `serve` prints. */
export interface Announcement {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly servers: Readonly<Record<string, string>>;
}

/** A gateway without an editor, in a process of its own. */
export interface ServedGateway extends Announcement {
  /** What `connect` must see of the environment to find this gateway and no other. */
  readonly env: Readonly<Record<string, string>>;
}

/** `serve`, as users run it; ended by SIGTERM in `cleanups`. @param servers as in a config file */
export async function startServe(
  servers: Record<string, unknown>,
  cleanups: (() => Promise<unknown>)[],
): Promise<ServedGateway> {
  await buildCli();
  const { folder, args } = await writeConfig(servers, cleanups);
  const env = { XDG_STATE_HOME: folder, LOCALAPPDATA: folder, HOME: folder };
  const files = ['--token-file', join(folder, 'token'), '--grace', '10000'];
  const { child, ended } = startCli(['serve', ...args, ...files], { env, keepInputOpen: true });
  const announced = new Promise<string>((resolve) => {
    let stdout = '';
    child.stdout?.on('data', (chunk: string | Buffer) => {
      stdout += String(chunk);
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
  });
  cleanups.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const line = await Promise.race([announced, ended]);
  if (typeof line !== 'string') throw new Error(`serve ended at once:\n${line.stderr}`);
  return { ...(JSON.parse(line) as Announcement), env };
}
