import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Gateway } from '../../src/gateway/api.js';
import { createDiskStore } from '../../src/gateway/cache/diskStore.js';
import { filterProblem } from '../../src/gateway/catalog/filter.js';
import { parseServers } from '../../src/gateway/config/parse.js';
import { readTextFile } from '../../src/gateway/config/textFile.js';
import { createGateway, newSelf } from '../../src/gateway/createGateway.js';
import type { Client } from '../../src/gateway/model/client.js';
import type { GatewayConfig } from '../../src/gateway/model/definition.js';
import type { Tuning } from '../../src/gateway/model/tuning.js';
import type { CatalogStore, Logger, Self } from '../../src/gateway/ports.js';
import { noWorkspace } from './noWorkspace.js';

/** The grace that tests configure, in milliseconds; bounds on time are multiples of it. */
export const G = 300;

const scripted = resolve('test/fixtures/servers/scripted-server.mjs');

/** A folder that ends with the test. */
export async function temporaryFolder(cleanups: (() => Promise<unknown>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-gateway-test-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The settings of a server that does what the script says (see the fixture). */
export const scriptedServer = (
  script: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Record<string, unknown> => ({
  command: process.execPath,
  args: [scripted],
  env: { SCRIPT: JSON.stringify(script) },
  ...more,
});

/** One of the public servers that come as devDependencies. */
export const publicServer = (name: string, ...args: string[]): Record<string, unknown> => ({
  command: process.execPath,
  args: [resolve(`node_modules/@modelcontextprotocol/server-${name}/dist/index.js`), ...args],
});

/** How often, and as which processes, a server that has this spawn log was started. */
export async function spawns(spawnLog: string): Promise<string[]> {
  const text = await readFile(spawnLog, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => /^\d+$/.test(line));
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly lines: string[];
  readonly config: GatewayConfig;
  readonly configure: (servers: Record<string, unknown>, gracePeriodMs?: number) => Promise<GatewayConfig>;
}

/** A gateway on real processes and a real cache folder; `cleanups` are run by the test's owner, in reverse. */
export async function testGateway(
  servers: Record<string, unknown>,
  cleanups: (() => Promise<unknown>)[],
  options: {
    cacheDir?: string;
    gracePeriodMs?: number;
    idleStopMs?: number;
    tuning?: Partial<Tuning>;
    self?: Partial<Self>;
    store?: CatalogStore;
    host?: Client;
    env?: NodeJS.ProcessEnv;
    /** Takes the log's lines, which are else kept. */
    onLine?: (line: string) => void;
  } = {},
): Promise<TestGateway> {
  const lines: string[] = [];
  const onLine = options.onLine ?? ((line: string) => void lines.push(line));
  const logger = (name: string): Logger => {
    const log =
      (level: string) =>
      (message: string): void => {
        onLine(`${name} ${level} ${message}`);
      };
    return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  };
  const directory = options.cacheDir ?? (await temporaryFolder(cleanups));
  const gateway = createGateway(
    {
      logs: { gateway: logger('gateway'), server: logger },
      store: options.store ?? createDiskStore({ directory, logger: logger('store') }),
      env: { ...process.env, ...options.env },
      clientInfo: { name: 'test', version: '0' },
      self: { ...newSelf(resolve('dist')), ...options.self },
      ...(options.host ? { host: options.host } : {}),
    },
    options.tuning,
  );
  cleanups.push(() => gateway.dispose());
  const configure = async (next: Record<string, unknown>, gracePeriodMs = options.gracePeriodMs ?? G) => {
    const config = await parseServers(next, {
      place: 'mcpGateway.servers',
      variables: noWorkspace(),
      defaultCwd: tmpdir(),
      readFile: readTextFile,
      filterProblem,
    });
    gateway.configure(config, { gracePeriodMs, idleStopMs: options.idleStopMs ?? 0 });
    return config;
  };
  const config = await configure(servers);
  return { gateway, lines, config, configure };
}

/**
 * Whether a process runs. A zombie, which only waits for somebody to take note of it, does not; nor does a number that by
 * now is that of another process's thread, to which the system answers all the same.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return !/^State:\tZ/m.test(status) && new RegExp(`^Tgid:\\t${pid}$`, 'm').test(status);
  } catch {
    // Not Linux, or gone in between.
    return process.platform !== 'linux';
  }
}

/** Milliseconds that a piece of work took, with its answer. */
export async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const answer = await work();
  return [performance.now() - start, answer];
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Waits until a condition holds. @throws when it does not within `boundMs` */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  boundMs = 10_000,
): Promise<void> {
  const end = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${boundMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
