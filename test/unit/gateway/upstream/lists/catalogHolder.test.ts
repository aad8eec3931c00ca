import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type {
  CatalogItems,
  CatalogKind,
  StoredCatalog,
  Unread,
} from '../../../../../src/gateway/model/catalog.js';
import { CatalogHolder } from '../../../../../src/gateway/upstream/lists/catalogHolder.js';
import { readCatalogItems } from '../../../../../src/gateway/upstream/lists/readCatalog.js';
import type { Reading } from '../../../../../src/gateway/upstream/lists/reading.js';
import { TurnScheduler } from '../../../../../src/base/async/turnScheduler.js';
import { catalog, stored } from '../../cache/diskSupport.js';

const facts = { serverInfo: {}, instructions: undefined, capabilities: {}, protocolVersion: '2025-11-25' };
const complain = (message: string): void => {
  assert.ifError(message);
};
const logger = { debug: complain, info: complain, warn: complain, error: complain };

const LISTS: Readonly<Record<string, CatalogKind>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};

/** What is read of a server that lists these items. */
async function reading(listed: Partial<CatalogItems>, unread: Unread = {}): Promise<Reading> {
  const kinds = Object.keys(listed) as CatalogKind[];
  const { items, digests } = await readCatalogItems(
    { tools: {}, resources: {}, prompts: {} },
    (method) => Promise.resolve({ [LISTS[method]!]: listed[LISTS[method]!] }),
    { logger, turns: new TurnScheduler(), kinds },
  );
  return { facts, items, digests, unread };
}

const whole = (...tools: string[]): Promise<Reading> => {
  const { resources, resourceTemplates, prompts, tools: own } = catalog(...tools);
  return reading({ tools: own, resources, resourceTemplates, prompts });
};

/** A store that answers when it is told to. */
function fixture() {
  const loads: ((found: StoredCatalog | undefined) => void)[] = [];
  const saved: StoredCatalog[] = [];
  const changes: (readonly CatalogKind[])[] = [];
  const holder = new CatalogHolder(
    's',
    {
      load: () => new Promise((resolve) => loads.push(resolve)),
      save: (_server, one) => Promise.resolve(void saved.push(one)),
      clear: () => Promise.resolve(),
    },
    new TurnScheduler(),
    (kinds) => changes.push(kinds),
  );
  const names = (): unknown => holder.stored?.catalog.tools.map(({ name }) => name);
  return { holder, loads, saved, changes, names };
}

describe('CatalogHolder', () => {
  it('lets no catalog that comes late from the disk replace a newer one', async () => {
    const { holder, loads, names } = fixture();
    const loading = holder.load('now');
    holder.publish('now', await whole('fresh'));
    loads[0]!(stored('now', 'old'));
    await loading;
    assert.deepEqual(names(), ['fresh']);
    // Nor one of an older definition, once another is wanted.
    const before = holder.load('before');
    const next = holder.load('next');
    loads[1]!(stored('before', 'older'));
    loads[2]!(undefined);
    await Promise.all([before, next]);
    assert.deepEqual(names(), ['fresh']);
  });

  it('NoEmptyPoison: fills what could not be read from the disk before it writes there', async () => {
    const { holder, loads, saved, names } = fixture();
    const failure = { code: 'x', message: 'No tools.' };
    const { resources } = catalog();
    holder.publish(
      'now',
      await reading({ resources, resourceTemplates: [], prompts: [] }, { tools: failure }),
    );
    assert.equal(saved.length, 0, 'nothing is written over what is not known yet');
    loads[0]!(stored('now', 'kept'));
    await holder.flushed();
    assert.deepEqual(names(), ['kept']);
    assert.deepEqual(
      saved.map(({ catalog: { tools, unread } }) => [tools.length, unread]),
      [[1, { tools: failure }]],
    );
  });

  it('keeps no items of another definition for what could not be read', async () => {
    const { holder, loads, names } = fixture();
    holder.publish('before', await whole('other'));
    const failure = { code: 'x', message: 'No tools.' };
    holder.publish(
      'now',
      await reading({ resources: [], resourceTemplates: [], prompts: [] }, { tools: failure }),
    );
    loads[0]!(stored('before', 'other'));
    await holder.flushed();
    assert.deepEqual(names(), []);
  });

  it('tells which kinds differ from what was held, and from what was stored, and writes what differs', async () => {
    const { holder, loads, saved, changes } = fixture();
    const loading = holder.load('now');
    loads[0]!(stored('now', 'a'));
    await loading;
    holder.publish('now', await whole('a'));
    holder.publish('now', await whole('b'));
    holder.publish('now', await whole('b'));
    holder.publish('now', { ...(await whole('b')), facts: { ...facts, instructions: 'other' } });
    const only = { tools: { code: 'x', message: 'No tools.' } };
    holder.publish('now', await reading({ resources: [], resourceTemplates: [], prompts: [] }, only));
    holder.forget();
    assert.deepEqual(changes, [
      ['tools', 'resources', 'resourceTemplates', 'prompts'],
      ['tools'],
      ['resources', 'resourceTemplates', 'prompts'],
      ['tools'],
    ]);
    assert.deepEqual(
      saved.map(({ catalog: { tools, prompts, instructions } }) => [
        tools[0]?.name,
        prompts.length,
        instructions,
      ]),
      [
        ['a', 1, undefined],
        ['b', 1, undefined],
        ['b', 1, 'other'],
        ['b', 0, undefined],
      ],
    );
  });

  it('publishes what is the same as before in less time than comparing it would take', async () => {
    const tools = (): CatalogItems['tools'] =>
      Array.from({ length: 50 }, (_, index) => ({
        name: `t${index}`,
        inputSchema: { type: 'object', enum: Array.from({ length: 50_000 }, () => [] as unknown[]) },
      }));
    const [first, second] = [await reading({ tools: tools() }), await reading({ tools: tools() })];
    const { holder, changes } = fixture();
    holder.publish('now', first);
    let begun = performance.now();
    holder.publish('now', second);
    const publishMs = performance.now() - begun;
    assert.deepEqual(changes, [['tools']]);
    begun = performance.now();
    assert.ok(isDeepStrictEqual(first.items, second.items));
    const compareMs = performance.now() - begun;
    assert.ok(publishMs < compareMs / 10, `published in ${publishMs} ms, compared in ${compareMs} ms`);
  });
});
