import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { announce, type Announcement, type Facts } from '../../src/announcement/announce.js';
import { announcementDirectory, type Machine } from '../../src/endpoint/stateDirectory.js';
import { WITHIN_VARIABLE } from '../../src/gateway/model/lineage.js';
import type { Logger } from '../../src/gateway/ports.js';
import { startCli, type RunningCli } from './cli.js';
import { until } from './gateway.js';

/** A message as a test looks at it. */
export interface Line {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** The token of gateways that a test plays, where it says no other. */
export const ANNOUNCED_TOKEN = 'announced-0123456789-0123456789-0123456789';

/** The environment in which everything that lasts is in this folder. */
export const stateIn = (folder: string): Record<string, string> => ({
  XDG_STATE_HOME: folder,
  HOME: folder,
  LOCALAPPDATA: folder,
});

/** Where gateways announce themselves in that environment. */
export const announcementsIn = (folder: string): string =>
  announcementDirectory({ platform: process.platform, env: stateIn(folder), home: folder } satisfies Machine);

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Lets a gateway of this process be found, until the test ends. */
export async function announced(
  folder: string,
  facts: Pick<Facts, 'url'> & Partial<Facts>,
  cleanups: (() => Promise<unknown>)[],
): Promise<Announcement> {
  const all = { token: ANNOUNCED_TOKEN, servers: [], folders: [], ...facts };
  const announcement = await announce(announcementsIn(folder), all, silent);
  cleanups.push(() => announcement.dispose());
  return announcement;
}

/** A client that starts `connect` and speaks MCP with it, line by line. */
export class ConnectClient {
  readonly lines: Line[] = [];
  readonly #running: RunningCli;
  #rest = '';

  constructor(folder: string, args: readonly string[], cleanups: (() => Promise<unknown>)[]) {
    // A client that is no gateway is served as it is, also where something further out is one.
    const env = { ...stateIn(folder), [WITHIN_VARIABLE]: randomUUID() };
    this.#running = startCli(['connect', ...args], { env, keepInputOpen: true });
    this.#running.child.stdout!.on('data', (chunk: Buffer | string) => {
      const lines = (this.#rest + chunk.toString()).split('\n');
      this.#rest = lines.pop()!;
      this.lines.push(...lines.map((line) => JSON.parse(line) as Line));
    });
    cleanups.push(async () => {
      if (this.#running.child.exitCode === null) this.#running.child.kill('SIGKILL');
      await this.ended;
    });
  }

  get ended(): RunningCli['ended'] {
    return this.#running.ended;
  }

  get child(): RunningCli['child'] {
    return this.#running.child;
  }

  send(message: Line): void {
    this.child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** The answer to a request. */
  async answer(id: string | number): Promise<Line> {
    const find = (): Line | undefined =>
      this.lines.find((line) => line.id === id && line.method === undefined);
    await until(() => find() !== undefined, `${id} is answered`, 20_000);
    return find()!;
  }

  async request(id: string | number, method: string, params: Record<string, unknown> = {}): Promise<Line> {
    this.send({ id, method, params });
    return this.answer(id);
  }

  /** The first message of this method. */
  async message(method: string): Promise<Line> {
    const find = (): Line | undefined => this.lines.find((line) => line.method === method);
    await until(() => find() !== undefined, `${method} comes`, 20_000);
    return find()!;
  }

  async initialize(): Promise<Line> {
    const answer = await this.request('init', 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'connect-client', version: '1' },
    });
    this.send({ method: 'notifications/initialized' });
    return answer;
  }

  /** Says nothing more. */
  async close(): Promise<Awaited<RunningCli['ended']>> {
    this.child.stdin!.end();
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.ended;
  }
}
