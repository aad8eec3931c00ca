import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogKind } from '../../../src/gateway/model/catalog.js';
import type { Listing } from '../../../src/gateway/model/listing.js';
import { G, scriptedServer, temporaryFolder, testGateway, until } from '../../support/gateway.js';

interface Fault {
  readonly mood: Record<string, unknown>;
  /** The kinds whose lists it concerns. */
  readonly kinds: readonly CatalogKind[];
  readonly reason: RegExp;
}

/** What goes wrong after the handshake, and the reason that is shown for it. */
const FAULTS: Readonly<Record<string, Fault>> = {
  fails: { mood: { fail: ['prompts/list'] }, kinds: ['prompts'], reason: /prompts\/list is broken/ },
  hangs: { mood: { hang: ['resources/list'] }, kinds: ['resources'], reason: /within \d+ ms/ },
  'pages for ever': {
    mood: { endless: true },
    kinds: ['tools', 'resources', 'prompts'],
    reason: /has more than \d+ pages/,
  },
  'repeats a page for ever': {
    mood: { endless: 'same' },
    kinds: ['tools', 'resources', 'prompts'],
    reason: /repeats the same page for ever/,
  },
};
const KINDS = ['tools', 'resources', 'resourceTemplates', 'prompts'] as const;

describe('NoEmptyPoison: the handshake succeeds and a list', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  for (const [what, { mood, kinds, reason }] of Object.entries(FAULTS))
    for (const when of ['restart', 'refresh'] as const)
      it(`${what}, at a ${when}: what it listed last stays, here and on disk, and the reason is shown`, async () => {
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
        const lists = async (of = gateway): Promise<Record<CatalogKind, Listing<unknown>>> => ({
          tools: await of.listTools(),
          resources: await of.listResources(),
          resourceTemplates: await of.listResourceTemplates(),
          prompts: await of.listPrompts(),
        });
        const before = await lists();

        // Its tools are other ones now: should a part of their list be taken for all of it, it would show.
        await writeFile(toolsFile, '["new"]');
        await writeFile(moodFile, JSON.stringify(mood));
        await configure(server(patience));
        if (when === 'restart') await gateway.restart('s');
        else assert.match(String((await gateway.refreshAll())[0]?.error), reason);

        const check = (after: Record<CatalogKind, Listing<unknown>>): void => {
          for (const kind of KINDS) {
            const { items, omitted, stale } = after[kind];
            if (!kinds.includes(kind)) {
              assert.deepEqual([omitted, stale], [[], []], kind);
              continue;
            }
            assert.deepEqual(items, before[kind].items, kind);
            assert.deepEqual(stale, ['s'], kind);
            assert.deepEqual(
              omitted.map(({ server: of, kind: part, reason: why }) => [of, part, why]),
              [['s', kind, 'failed']],
            );
            assert.match(omitted[0]?.message ?? '', reason);
          }
          const names = after.tools.items.map((item) => (item as { name: string }).name);
          assert.deepEqual(names, kinds.includes('tools') ? ['s__old-one', 's__old-two'] : ['s__new']);
        };
        check(await lists());
        const [status] = gateway.servers();
        assert.match(status?.unread[kinds[0]!]?.message ?? '', reason);
        assert.equal(status?.phase, 'live');
        await gateway.dispose();

        // What failed is asked for once more, and fails as before.
        const next = await testGateway(server(patience), cleanups, options);
        check(await lists(next.gateway));
      });
});
