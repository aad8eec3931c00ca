import assert from 'node:assert/strict';
import fc from 'fast-check';
import { entryName } from '../../../src/clientConfig/entryName.js';

describe('entryName', () => {
  it('is the id where every client takes it', () => {
    assert.equal(entryName('files-2', true), 'files-2');
    assert.equal(entryName('my_files', true), 'my_files');
  });

  const CHANGED = [
    ['a b', /^a-b-[0-9a-f]{6}$/],
    ['@scope/pkg', /^scope-pkg-[0-9a-f]{6}$/],
    ['grün', /^gr-n-[0-9a-f]{6}$/],
    ['日本語', /^server-[0-9a-f]{6}$/],
    [`it's "so"`, /^it-s-so-[0-9a-f]{6}$/],
    ['__proto__', /^proto__-[0-9a-f]{6}$/],
    ['mcp-tool-gateway', /^mcp-tool-gateway-[0-9a-f]{6}$/],
    ['x'.repeat(100), /^x{25}-[0-9a-f]{6}$/],
  ] as const;
  for (const [id, name] of CHANGED)
    it(`says by a hash that it is another than ${id}`, () => {
      assert.match(entryName(id, true), name);
    });

  it('has no _ where a client cannot live with it', () => {
    assert.match(entryName('my_files', false), /^my-files-[0-9a-f]{6}$/);
  });

  it('is short, plain and another for another server, whatever its id', () => {
    const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 20 }), fc.boolean(), (ids, underscores) => {
        const names = ids.map((each) => entryName(each, underscores));
        assert.equal(new Set(names).size, ids.length);
        for (const name of names)
          assert.match(name, underscores ? /^[A-Za-z0-9][\w-]{0,31}$/ : /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/);
      }),
    );
  });
});
