import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDiskStore,
  type DiskStore,
  type DiskStoreLimits,
} from '../../../../src/gateway/cache/diskStore.js';
import type { Catalog, StoredCatalog } from '../../../../src/gateway/model/catalog.js';

/** A catalog with the given tools. */
export const catalog = (...tools: string[]): Catalog => ({
  serverInfo: { name: 'test', version: '1' },
  instructions: undefined,
  capabilities: { tools: { listChanged: true } },
  protocolVersion: '2025-11-25',
  tools: tools.map((name) => ({
    name,
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  })),
  resources: [{ name: 'r', uri: 'test://r' }],
  resourceTemplates: [{ name: 't', uriTemplate: 'test://{t}' }],
  prompts: [{ name: 'p', arguments: [{ name: 'a', required: true }] }],
});

export const stored = (fingerprint: string, ...tools: string[]): StoredCatalog => ({
  fingerprint,
  catalog: catalog(...tools),
});

/** A store in a directory of its own, with a clock that is set by hand and a log that is kept. */
export class StoreFixture {
  /** Milliseconds since 1970. */
  now = Date.UTC(2030, 0, 1);
  readonly lines: string[] = [];
  #root = '';
  directory = '';
  readonly #stores: DiskStore[] = [];

  async create(): Promise<void> {
    this.#root = await mkdtemp(join(tmpdir(), 'catalogs-'));
    this.directory = join(this.#root, 'made', 'lazily');
  }

  store(limits: Partial<DiskStoreLimits> = {}, directory = this.directory): DiskStore {
    const log =
      (level: string) =>
      (message: string): void => {
        this.lines.push(`${level}: ${message}`);
      };
    const store = createDiskStore({
      directory,
      limits,
      now: () => this.now,
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    });
    this.#stores.push(store);
    return store;
  }

  files(): Promise<string[]> {
    return readdir(this.directory);
  }

  /** The path of the only file there is. */
  async onlyFile(): Promise<string> {
    const names = await this.files();
    if (names.length !== 1) throw new Error(`expected one file, found ${names.join(', ')}`);
    return join(this.directory, names[0] ?? '');
  }

  async remove(): Promise<void> {
    for (const store of this.#stores) await store.idle();
    await rm(this.#root, { recursive: true, force: true });
  }
}
