import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { G, scriptedServer, temporaryFolder, testGateway, until } from '../../support/gateway.js';

/** What goes wrong after the handshake, and the reason that is shown for it. */
const FAULTS: readonly (readonly [what: string, mood: Record<string, unknown>, reason: RegExp])[] = [
  ['fails', { fail: ['prompts/list'] }, /prompts\/list is broken/],
  ['hangs', { hang: ['resources/list'] }, /within \d+ ms/],
  ['pages for ever', { endless: true }, /has more than \d+ pages/],
  ['repeats a page for ever', { endless: 'same' }, /repeats the same page for ever/],
];

describe('NoEmptyPoison: the handshake succeeds and a list', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  for (const [what, mood, reason] of FAULTS)
    for (const when of ['restart', 'refresh'] as const)
      it(`${what}, at a ${when}: the last catalog stays whole, here and on disk, and the reason is shown`, async () => {
        const folder = await temporaryFolder(cleanups);
        const file = (name: string): string => join(folder, name);
        const [moodFile, toolsFile] = [file('mood.json'), file('tools.json')];
        const script = { moodFile, toolsFile, resources: 2, prompts: 2 };
        const patience = what === 'hangs' ? 3 * G : 50 * G;
        const server = (connectMs: number): Record<string, unknown> => ({
          s: scriptedServer(script, { timeouts: { connectMs, listMs: patience } }),
        });
        // A server that is tried again by itself would only blur what one failure does.
        const options = {
          cacheDir: file('cache'),
          gracePeriodMs: 50 * G,
          tuning: { backoffBaseMs: 1000 * G },
        };

        await writeFile(toolsFile, '["old-one","old-two"]');
        const { gateway, configure } = await testGateway(server(50 * G), cleanups, options);
        await until(async () => (await gateway.listTools()).items.length === 2, 'it is live');
        const lists = async (of = gateway): Promise<unknown> =>
          Promise.all([of.listTools(), of.listResources(), of.listResourceTemplates(), of.listPrompts()]);
        const before = await lists();
        const changes: unknown[] = [];
        gateway.onDidChangeCatalog((change) => changes.push(change));

        // Its tools are other ones now: should half of a reading be taken for a catalog, they would show.
        await writeFile(toolsFile, '["new"]');
        await writeFile(moodFile, JSON.stringify(mood));
        await configure(server(patience));
        if (when === 'restart') await assert.rejects(gateway.restart('s'), reason);
        else assert.match(String((await gateway.refreshAll())[0]?.error), reason);

        assert.deepEqual(await lists(), before);
        assert.deepEqual(changes, []);
        const [status] = gateway.servers();
        assert.match(status?.failure?.message ?? '', reason);
        assert.equal(status?.phase, when === 'restart' ? 'waiting' : 'live');
        await gateway.dispose();

        const next = await testGateway(server(50 * G), cleanups, options);
        assert.deepEqual(await lists(next.gateway), before);
        assert.equal(next.gateway.servers()[0]?.phase, 'idle', 'all of it came from the disk');
      });
});
