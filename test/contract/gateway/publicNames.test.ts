import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicToolName } from '../../../src/gateway/catalog/publicName.js';
import { G, scriptedServer, temporaryFolder, testGateway, until } from '../../support/gateway.js';

describe('Public names', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  // Found by trying letter cases until 24 bits of hash were the same.
  const [first, second] = ['DeleTErEPOsItoryforever', 'DELEterePOsitoryforever'];
  const shared = publicToolName('GitHub', first);
  const server = (
    name: string,
    answer: string,
    more: Record<string, unknown> = {},
  ): Record<string, unknown> =>
    scriptedServer({
      tools: [name, 'other'],
      results: { [name]: { content: [{ type: 'text', text: answer }] } },
      ...more,
    });

  it('gives tools of two servers that were made to share a name names of their own, and calls each', async () => {
    assert.equal(publicToolName('gitHub', second), shared);
    const { gateway } = await testGateway(
      { GitHub: server(first, 'first'), gitHub: server(second, 'second') },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    const { items } = await gateway.listTools();
    assert.equal(new Set(items.map(({ name }) => name)).size, 4);
    for (const { name, server: id, tool } of items) {
      assert.deepEqual(await gateway.locate('tool', name), { server: id, name: tool.name });
      if (tool.name === 'other') continue;
      const { content } = await gateway.callTool(name, {});
      assert.deepEqual(content, [{ type: 'text', text: id === 'GitHub' ? 'first' : 'second' }]);
    }
  });

  it('keeps a name for the first server while only the second, that wants it, has started', async () => {
    const folder = await temporaryFolder(cleanups);
    const gate = join(folder, 'gate');
    const { gateway } = await testGateway(
      { GitHub: server(first, 'first', { readyFile: gate }), gitHub: server(second, 'second') },
      cleanups,
      { gracePeriodMs: G },
    );
    const early = await gateway.listTools();
    assert.deepEqual([...new Set(early.items.map((item) => item.server))], ['gitHub']);
    assert.ok(!early.items.some(({ name }) => name === shared));
    await writeFile(gate, '');
    await until(async () => (await gateway.listTools()).items.length === 4, 'the first one is there');
    const { items } = await gateway.listTools();
    assert.deepEqual(
      items.filter((item) => item.server === 'gitHub').map(({ name }) => name),
      early.items.map(({ name }) => name),
    );
    assert.equal(items.find(({ name }) => name === shared)?.server, 'GitHub');
  });
});
