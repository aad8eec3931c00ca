import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCli, startCli } from './cli.js';
import { temporaryFolder } from './gateway.js';

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

/** `serve`, as users run it; ended by SIGTERM in `cleanups`. @param config its file, or the servers of one @param more arguments */
export async function startServe(
  config: string | Record<string, unknown>,
  cleanups: (() => Promise<unknown>)[],
  more: readonly string[] = [],
): Promise<ServedGateway> {
  await buildCli();
  const folder = await temporaryFolder(cleanups);
  const file = typeof config === 'string' ? config : join(folder, 'mcp.json');
  if (typeof config !== 'string') await writeFile(file, JSON.stringify({ servers: config }));
  const env = { XDG_STATE_HOME: folder, LOCALAPPDATA: folder, HOME: folder };
  const folders = ['--cache', join(folder, 'cache'), '--token-file', join(folder, 'token')];
  const args = ['serve', '--config', file, '--grace', '10000', ...folders, ...more];
  const { child, ended } = startCli(args, { env, keepInputOpen: true });
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
