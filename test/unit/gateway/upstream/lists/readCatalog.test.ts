import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { largeResult, type LargeResult } from '../../../../../src/protocol/large/largeResult.js';
import type { Params } from '../../../../../src/protocol/messages.js';
import type { CatalogItems } from '../../../../../src/gateway/model/catalog.js';
import { digestsOf } from '../../../../../src/gateway/upstream/lists/listDigests.js';
import { CATALOG_LIMITS, readCatalogItems } from '../../../../../src/gateway/upstream/lists/readCatalog.js';
import { ListError } from '../../../../../src/gateway/upstream/lists/validItems.js';
import { SLICE_MS, Slices } from '../../../../../src/base/async/slices.js';
import { TurnScheduler } from '../../../../../src/base/async/turnScheduler.js';
import { watchLag, watchTurns } from '../../../../support/lag.js';

const ignore = (): void => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Reads the tools of a server that has these pages. */
async function readTools(
  pages: readonly (readonly unknown[])[],
  limits = {},
  turns = new TurnScheduler(),
): Promise<{ names: unknown[]; asked: number }> {
  let asked = 0;
  const request = (_method: string, { cursor }: Params): Promise<Params> => {
    asked++;
    const index = Number(cursor ?? 0);
    const next = index + 1 < pages.length ? { nextCursor: String(index + 1) } : {};
    return Promise.resolve({ tools: pages[index], ...next });
  };
  const { items } = await readCatalogItems({ tools: {} }, request, {
    logger,
    turns,
    limits: { ...CATALOG_LIMITS, ...limits },
  }).catch((error: unknown) => {
    throw Object.assign(error as Error, { asked });
  });
  return { names: (items.tools ?? []).map(({ name }) => name), asked };
}

/** A page as it comes in a large answer. */
function asBytes(page: object): LargeResult {
  const bytes = Buffer.from(JSON.stringify(page));
  return largeResult([bytes], bytes.length, {});
}

const tool = (name: string, length = 0): object => ({
  name,
  description: 'x'.repeat(length),
  inputSchema: { type: 'object' },
});

describe('readCatalogItems', () => {
  it('keeps what is valid of every page, the first of a name', async () => {
    const { names } = await readTools([[tool('a'), { name: 'bad' }], [null, tool('b'), tool('a')], []]);
    assert.deepEqual(names, ['a', 'b']);
  });

  it('BoundedEverything: asks for no further page once there is too much', async () => {
    const pages = Array.from({ length: 20 }, (_, index) => [tool(`t${index}`, 900)]);
    for (const [limits, message, asked] of [
      [{ items: 5 }, /more than 5 items/, 6],
      [{ chars: 5000 }, /more than 5000 characters/, 6],
      [{ pages: 5 }, /more than 5 pages/, 5],
    ] as const)
      await assert.rejects(readTools(pages, limits), (error: ListError & { asked: number }) => {
        assert.ok(error instanceof ListError);
        assert.match(error.message, message);
        assert.equal(error.asked, asked);
        return true;
      });
  });

  it('holds the event loop for a slice at a time, however many servers are read at once', async () => {
    const tools = Array.from({ length: 5000 }, (_, index) => tool(`t${index}`));
    const shared = new TurnScheduler();
    // The schemas are loaded.
    await readTools([[]]);
    const watch = watchTurns();
    const read = await Promise.all(Array.from({ length: 5 }, () => readTools([tools], {}, shared)));
    const { workedMs, turns } = watch.stop();
    for (const { names } of read) assert.equal(names.length, 5000);
    assert.ok(workedMs / turns < 2 * SLICE_MS, `${workedMs} ms of work in ${turns} turns`);
  });

  it('gives others their turn between items that take long, however few they are', async () => {
    const arrays = `[${'[],'.repeat(80_000)}[]]`;
    const page = Array.from({ length: 60 }, (_, index) => ({
      ...tool(`t${index}`),
      _meta: { x: JSON.parse(arrays) as unknown },
    }));
    const lag = watchLag();
    const { names } = await readTools([page]);
    // Also what stood until now is measured by a timer.
    await delay(5);
    const { workedMs } = lag.stop();
    assert.equal(names.length, 60);
    assert.ok(workedMs < 300, `${workedMs} ms`);
  });

  it('BoundedEverything: what is left out does not count as kept', async () => {
    const pages = Array.from({ length: 20 }, (_, index) => [tool(`t${index}`, 900), tool(`u${index}`)]);
    const { names } = await readTools(pages, { itemChars: 500, chars: 5000 });
    assert.equal(names.length, 20);
  });

  it('keeps the same of pages that come as bytes, and asks for the next one by their cursor', async () => {
    const last = 'x'.repeat(20_000);
    const pages: Record<string, Params | LargeResult> = {
      first: asBytes({ tools: [tool('a'), { name: 'bad' }, tool('b', 2000)], nextCursor: last }),
      [last]: asBytes({ nextCursor: null, tools: [tool('c', 400), tool('d')] }),
    };
    const { items } = await readCatalogItems(
      { tools: {} },
      (_method, { cursor = 'first' }) => Promise.resolve(pages[cursor as string]!),
      { logger, turns: new TurnScheduler(), limits: { ...CATALOG_LIMITS, itemChars: 500 } },
    );
    assert.deepEqual(items.tools, [tool('a'), tool('c', 400), tool('d')]);
  });

  it('BoundedEverything: refuses a cursor that is none, or endless, in small pages and in those that come as bytes', async () => {
    for (const [nextCursor, message] of [
      [['x'], /a cursor that is no text/],
      ['x'.repeat(100_000), /a cursor of more than 65536 characters/],
    ] as const)
      for (const page of [{ tools: [], nextCursor }, asBytes({ tools: [], nextCursor })])
        await assert.rejects(
          readCatalogItems({ tools: {} }, () => Promise.resolve(page), {
            logger,
            turns: new TurnScheduler(),
          }),
          message,
        );
    await assert.rejects(
      readCatalogItems({ tools: {} }, () => Promise.resolve(asBytes({ tools: {} })), {
        logger,
        turns: new TurnScheduler(),
      }),
      /holds no list of tools/,
    );
  });

  it('keeps no tag characters, which a model reads and no person sees, but in what the server knows an item by', async () => {
    const hidden = String.fromCodePoint(0xe0069, 0xe0067);
    const request = (): Promise<Params> =>
      Promise.resolve({
        tools: [
          {
            name: `a${hidden}`,
            description: `Reads.${hidden}`,
            inputSchema: { type: 'object', title: hidden },
          },
        ],
      });
    const turns = new TurnScheduler();
    const { items, digests } = await readCatalogItems({ tools: {} }, request, { logger, turns });
    // Also when it comes back from the disk.
    const stored = JSON.parse(JSON.stringify(items)) as CatalogItems;
    assert.deepEqual(digests, await digestsOf(stored, new Slices(turns)));
    assert.deepEqual(items.tools, [
      { name: `a${hidden}`, description: 'Reads.', inputSchema: { type: 'object', title: '' } },
    ]);
  });
});
