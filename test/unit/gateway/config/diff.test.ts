import assert from 'node:assert/strict';
import fc from 'fast-check';
import { diffDefinitions } from '../../../../src/gateway/config/diff.js';
import type { ServerDefinition } from '../../../../src/gateway/model/definition.js';

function definition(id: string, fingerprint = 'f', title = id): ServerDefinition {
  return {
    id,
    title,
    launch: { type: 'http', url: 'http://x/', headers: {} },
    filter: { include: undefined, exclude: [] },
    timeouts: { connectMs: 1, callMs: 1, listMs: 1, drainMs: 1 },
    maxConcurrency: 1,
    questions: 'during-calls',
    agentMode: true,
    fingerprint,
  };
}

const ids = (list: readonly (ServerDefinition | { readonly after: ServerDefinition })[]): string[] =>
  list.map((entry) => ('after' in entry ? entry.after.id : entry.id));

const inWords = (diff: ReturnType<typeof diffDefinitions>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(diff as unknown as Record<string, ServerDefinition[]>)
      .map(([kind, list]) => [kind, ids(list).join(' ')] as const)
      .filter(([, text]) => text !== ''),
  );

describe('diffDefinitions', () => {
  const a = definition('a');
  const b = definition('b');
  const table: [string, ServerDefinition[], ServerDefinition[], Record<string, string>][] = [
    ['nothing', [], [], {}],
    ['a new server', [a], [a, b], { unchanged: 'a', added: 'b' }],
    ['a server gone', [a, b], [b], { unchanged: 'b', removed: 'a' }],
    ['another fingerprint', [a], [definition('a', 'g')], { changed: 'a' }],
    ['another fingerprint and title', [a], [definition('a', 'g', 'A')], { changed: 'a' }],
    ['another title', [a], [definition('a', 'f', 'A')], { updated: 'a' }],
    ['another filter', [a], [{ ...a, filter: { include: ['x'], exclude: [] } }], { updated: 'a' }],
    ['another timeout', [a], [{ ...a, timeouts: { ...a.timeouts, callMs: 2 } }], { updated: 'a' }],
    ['another concurrency', [a], [{ ...a, maxConcurrency: 2 }], { updated: 'a' }],
    ['without agent mode', [a], [{ ...a, agentMode: false }], { updated: 'a' }],
    ['equal, but another object', [a], [structuredClone(a)], { unchanged: 'a' }],
    ['another order', [a, b], [b, a], { unchanged: 'b a' }],
    ['another id', [a], [{ ...a, id: 'b', title: 'a' }], { removed: 'a', added: 'b' }],
    [
      'ids that objects have',
      [definition('constructor')],
      [definition('toString')],
      { removed: 'constructor', added: 'toString' },
    ],
  ];
  for (const [what, before, after, expected] of table) {
    it(`sees ${what}`, () => {
      assert.deepEqual(inWords(diffDefinitions(before, after)), expected);
    });
  }

  it('gives both sides of a change', () => {
    const after = definition('a', 'g');
    assert.deepEqual(diffDefinitions([a], [after]).changed, [{ before: a, after }]);
  });

  const definitions = fc.uniqueArray(
    fc
      .record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        fingerprint: fc.constantFrom('f', 'g'),
        title: fc.constantFrom('t', 'u'),
      })
      .map(({ id, fingerprint, title }) => definition(id, fingerprint, title)),
    { selector: ({ id }) => id },
  );

  it('puts each server into exactly one list, the right one', () => {
    fc.assert(
      fc.property(definitions, definitions, (before, after) => {
        const diff = diffDefinitions(before, after);
        const told = Object.values(diff as unknown as Record<string, ServerDefinition[]>).flatMap(ids);
        assert.deepEqual(told.sort(), [...new Set(ids([...before, ...after]))].sort());
        for (const { before: one, after: other } of diff.changed)
          assert.notEqual(one.fingerprint, other.fingerprint);
        for (const { before: one, after: other } of diff.updated) {
          assert.equal(one.fingerprint, other.fingerprint);
          assert.notDeepEqual(one, other);
        }
        for (const same of diff.unchanged)
          assert.deepEqual(
            before.find(({ id }) => id === same.id),
            same,
          );
      }),
    );
  });

  it('mirrors added and removed', () => {
    fc.assert(
      fc.property(definitions, definitions, (before, after) => {
        const there = diffDefinitions(before, after);
        const back = diffDefinitions(after, before);
        assert.deepEqual(ids(there.added).sort(), ids(back.removed).sort());
        assert.deepEqual(ids(there.changed).sort(), ids(back.changed).sort());
      }),
    );
  });
});
