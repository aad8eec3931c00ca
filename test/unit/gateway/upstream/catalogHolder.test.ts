import assert from 'node:assert/strict';
import type { CatalogItems, StoredCatalog, Unread } from '../../../../src/gateway/model/catalog.js';
import { CatalogHolder } from '../../../../src/gateway/upstream/catalogHolder.js';
import type { Reading } from '../../../../src/gateway/upstream/reading.js';
import { catalog, stored } from '../catalog/diskSupport.js';

const facts = { serverInfo: {}, instructions: undefined, capabilities: {}, protocolVersion: '2025-11-25' };
const reading = (items: Partial<CatalogItems>, unread: Unread = {}): Reading => ({ facts, items, unread });
const whole = (...tools: string[]): Reading => {
  const { resources, resourceTemplates, prompts, tools: own } = catalog(...tools);
  return reading({ tools: own, resources, resourceTemplates, prompts });
};

/** A store that answers when it is told to. */
function fixture() {
  const loads: ((found: StoredCatalog | undefined) => void)[] = [];
  const saved: StoredCatalog[] = [];
  const holder = new CatalogHolder(
    's',
    {
      load: () => new Promise((resolve) => loads.push(resolve)),
      save: (_server, one) => Promise.resolve(void saved.push(one)),
      clear: () => Promise.resolve(),
    },
    () => undefined,
  );
  const names = (): unknown => holder.stored?.catalog.tools.map(({ name }) => name);
  return { holder, loads, saved, names };
}

describe('CatalogHolder', () => {
  it('lets no catalog that comes late from the disk replace a newer one', async () => {
    const { holder, loads, names } = fixture();
    const loading = holder.load('now');
    holder.publish('now', whole('fresh'));
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
    holder.publish('now', reading({ resources, resourceTemplates: [], prompts: [] }, { tools: failure }));
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
    holder.publish('before', whole('other'));
    const failure = { code: 'x', message: 'No tools.' };
    holder.publish('now', reading({ resources: [], resourceTemplates: [], prompts: [] }, { tools: failure }));
    loads[0]!(stored('before', 'other'));
    await holder.flushed();
    assert.deepEqual(names(), []);
  });
});
