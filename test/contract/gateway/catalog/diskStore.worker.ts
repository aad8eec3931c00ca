import { createDiskStore } from '../../../../src/gateway/cache/diskStore.js';
import type { StoredCatalog } from '../../../../src/gateway/model/catalog.js';

const SERVERS = 3;
const FINGERPRINTS = 3;
const TOOLS = 200;

/** A catalog of which every tool tells who wrote it, so that a mixture of two is seen. */
const marked = (fingerprint: string, mark: string): StoredCatalog => ({
  fingerprint,
  catalog: {
    serverInfo: { name: 'marked' },
    instructions: undefined,
    capabilities: {},
    protocolVersion: '2025-11-25',
    tools: Array.from({ length: TOOLS }, (_, i) => ({
      name: `${fingerprint} ${mark} ${i}`,
      inputSchema: { type: 'object' },
    })),
    resources: [],
    resourceTemplates: [],
    prompts: [],
  },
});

/** What is wrong with a loaded catalog; `undefined` for a whole one. */
export function fault({ fingerprint, catalog }: StoredCatalog): string | undefined {
  const [ofFingerprint, mark] = catalog.tools[0]?.name.split(' ') ?? [];
  if (ofFingerprint !== fingerprint) return `a catalog of ${String(ofFingerprint)} under ${fingerprint}`;
  const whole = marked(fingerprint, mark ?? '');
  return JSON.stringify(catalog) === JSON.stringify(whole.catalog)
    ? undefined
    : 'a catalog that nobody wrote';
}

export const keys = (): readonly (readonly [server: string, fingerprint: string])[] =>
  Array.from({ length: SERVERS * FINGERPRINTS }, (_, i) => [
    `s${i % SERVERS}`,
    `f${Math.floor(i / SERVERS)}`,
  ]);

/** Reads and writes at random and says so, one letter each: `w`, `c`, `h` for a hit, `m` for a miss. */
export async function work(directory: string, operations: number): Promise<void> {
  const complain = (message: string): void => {
    process.stdout.write(`! ${message}\n`);
  };
  const store = createDiskStore({
    directory,
    logger: { debug: () => undefined, info: complain, warn: complain, error: complain },
  });
  const all = keys();
  for (let i = 0; i < operations; i++) {
    const [server, fingerprint] = all[Math.floor(Math.random() * all.length)] ?? ['', ''];
    const kind = Math.random();
    if (kind < 0.02) {
      await store.clear(server);
      process.stdout.write('c\n');
    } else if (kind < 0.5) {
      await store.save(server, marked(fingerprint, `${process.pid}-${i}`));
      process.stdout.write('w\n');
    } else {
      const found = await store.load(server, fingerprint);
      const wrong = found && fault(found);
      if (wrong !== undefined) complain(wrong);
      process.stdout.write(found ? 'h\n' : 'm\n');
    }
  }
  await store.idle();
}
