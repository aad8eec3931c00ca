import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gateway } from '../../src/gateway/api.js';
import { createDiskStore } from '../../src/gateway/cache/diskStore.js';
import { parseServers } from '../../src/gateway/config/parse.js';
import { createGateway, newSelf } from '../../src/gateway/createGateway.js';
import type { GatewayConfig } from '../../src/gateway/model/definition.js';
import type { Logger } from '../../src/gateway/ports.js';
import { callerOf, type Caller } from './caller.js';
import type { Served } from './http.js';
import { CLI, startProgram, STDIO_SERVER, type Program } from './programs.js';
import { noWorkspace } from '../../test/support/noWorkspace.js';

/** One server in the form of the settings. */
export type ServerSettings = Readonly<Record<string, unknown>>;

export const stdioSettings = (options: object = {}): ServerSettings => ({
  command: process.execPath,
  args: [STDIO_SERVER],
  env: { OPTIONS: JSON.stringify(options) },
});

/** A folder of the bench's own, which ends with `remove`. */
export async function scratch(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'mcp-gateway-bench-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

const quiet = (): void => undefined;
export const silent: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** @param cwd where the servers run, which is a part of what they are */
export const configOf = (
  servers: Readonly<Record<string, ServerSettings>>,
  cwd = tmpdir(),
): Promise<GatewayConfig> =>
  parseServers(servers, {
    place: 'servers',
    variables: noWorkspace(),
    defaultCwd: cwd,
    readFile: () => Promise.reject(new Error('The bench reads no files.')),
  });

/** A gateway in this process. @param gracePeriodMs how long lists wait */
export async function inProcess(
  servers: Readonly<Record<string, ServerSettings>>,
  cacheDirectory: string,
  gracePeriodMs = 60_000,
  cwd?: string,
): Promise<Gateway> {
  const gateway = createGateway({
    logs: { gateway: silent, server: () => silent },
    store: createDiskStore({ directory: cacheDirectory, logger: silent }),
    env: process.env,
    clientInfo: { name: 'bench', version: '1' },
    self: newSelf('/nowhere'),
  });
  gateway.configure(await configOf(servers, cwd), { gracePeriodMs, idleStopMs: 0 });
  return gateway;
}

/** Our gateway in this process, in front of one server. */
export async function oursInProcess(cacheDirectory: string): Promise<Caller> {
  const gateway = await inProcess({ bench: stdioSettings() }, cacheDirectory);
  return callerOf(
    async (method, params) =>
      method === 'tools/list'
        ? { tools: (await gateway.listTools()).items }
        : gateway.callTool(String(params.name), params.arguments as Record<string, unknown>),
    () => gateway.dispose(),
    'bench__',
  );
}

/** What `serve` prints first. */
interface Announced {
  readonly url: string;
  readonly token: string;
  readonly servers: Readonly<Record<string, string>>;
}

/** The endpoint as users run it, in a process of its own. */
export interface ServedGateway {
  readonly program: Program;
  readonly all: Served;
  readonly one: (server: string) => Served;
}

/** @param home where it keeps everything, the cache too */
export async function serve(
  servers: Readonly<Record<string, ServerSettings>>,
  home: string,
): Promise<ServedGateway> {
  const config = join(home, 'mcp.json');
  await writeFile(config, JSON.stringify({ servers }));
  const args = [CLI, 'serve', '--config', config, '--cache', join(home, 'cache'), '--grace', '60000'];
  const program = await startProgram(process.execPath, args, /\n/, {
    env: { ...process.env, HOME: home, XDG_STATE_HOME: home },
  });
  const { url, token, servers: urls } = JSON.parse(program.said.split('\n')[0] ?? '') as Announced;
  const headers = { authorization: `Bearer ${token}` };
  return {
    program,
    all: { url, headers, prefix: 'bench__' },
    one: (server) => ({ url: urls[server] ?? '', headers }),
  };
}
