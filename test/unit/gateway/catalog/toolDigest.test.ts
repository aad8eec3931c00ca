import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CoveredTool, toolDigest } from '../../../../src/gateway/catalog/toolDigest.js';

const json = fc.jsonValue({ maxDepth: 3 });
const object = fc.dictionary(fc.string(), json);
const tools: fc.Arbitrary<CoveredTool> = fc.record(
  {
    name: fc.string(),
    title: fc.string(),
    description: fc.string(),
    inputSchema: object,
    outputSchema: object,
    annotations: fc.dictionary(fc.constantFrom('title', 'readOnlyHint', 'destructiveHint', 'more'), json),
  },
  { requiredKeys: ['name', 'inputSchema'] },
);

const reordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reordered)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, part]) => [key, reordered(part)]),
        )
      : value;

const FIELDS = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

describe('toolDigest', () => {
  it('is 64 hex digits, and the same for the same definition in another order of keys', () => {
    fc.assert(
      fc.property(tools, (tool) => {
        assert.match(toolDigest(tool), /^[0-9a-f]{64}$/);
        assert.equal(toolDigest(reordered(tool) as CoveredTool), toolDigest(tool));
      }),
    );
  });

  it('is another one after any change of a covered field', () => {
    fc.assert(
      fc.property(tools, tools, fc.constantFrom(...FIELDS), (tool, other, field) => {
        const changed = { ...tool, [field]: other[field] };
        const same = JSON.stringify(inOneOrder(tool[field])) === JSON.stringify(inOneOrder(other[field]));
        assert.equal(toolDigest(changed) === toolDigest(tool), same);
      }),
    );
  });

  for (const [what, change] of [
    ['a word of the description', { description: 'Deletes a file' }],
    ['a hint', { annotations: { destructiveHint: true } }],
    ['a schema deep inside', { inputSchema: { properties: { path: { items: [{ const: 2 }] } } } }],
    ['an output schema that was not there', { outputSchema: {} }],
    ['the order of a list', { inputSchema: { required: ['b', 'a'] } }],
  ] as const)
    it(`tells ${what}`, () => {
      const tool = {
        name: 'read',
        description: 'Reads a file',
        inputSchema: { properties: { path: { items: [{ const: 1 }] } }, required: ['a', 'b'] },
        annotations: { destructiveHint: false },
      };
      assert.notEqual(toolDigest({ ...tool, ...change }), toolDigest(tool));
    });

  it('does not depend on what says nothing of the tool', () => {
    const tool = { name: 'read', inputSchema: {} };
    assert.equal(toolDigest({ ...tool, _meta: { at: 1 }, icons: [] } as CoveredTool), toolDigest(tool));
  });
});

/** With the keys of every object in one order, made otherwise than the digest makes it. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Readonly<Record<string, unknown>>;
  return {
    keys: Object.keys(parts)
      .sort()
      .map((key) => [key, inOneOrder(parts[key])]),
  };
}
