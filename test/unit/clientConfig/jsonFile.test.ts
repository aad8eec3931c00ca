import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { ConfigFileError } from '../../../src/clientConfig/configFileError.js';
import { jsonFile, mergeJson } from '../../../src/clientConfig/jsonFile.js';

const ENTRY = { type: 'stdio', command: 'node', args: ['/x/cli.js', 'connect'] };

const read = (text: string): unknown => parse(text, [], { allowTrailingComma: true });

describe('mergeJson', () => {
  for (const blank of ['', ' \n\t'])
    it(`makes a whole file of ${JSON.stringify(blank)}`, () => {
      assert.deepEqual(mergeJson(blank, 'gate', ENTRY), { text: jsonFile('gate', ENTRY), replaces: false });
      assert.deepEqual(JSON.parse(jsonFile('gate', ENTRY)), { mcpServers: { gate: ENTRY } });
    });

  it('adds the entry as the file is written, and leaves the rest to the letter', () => {
    const text = [
      '// Ours.',
      '{',
      '\t"theme":   "dark", /* odd spaces */',
      '\t"mcpServers": {',
      '\t\t// Kept.',
      '\t\t"files": { "command": "x" },',
      '\t},',
      '}',
      '',
    ].join('\r\n');
    const { text: merged, replaces } = mergeJson(text, 'gate', ENTRY);
    assert.equal(replaces, false);
    assert.deepEqual(read(merged), { theme: 'dark', mcpServers: { files: { command: 'x' }, gate: ENTRY } });
    const kept = merged.split('\r\n');
    for (const line of text.split('\r\n')) assert.ok(kept.includes(line), line);
    assert.doesNotMatch(merged, /[^\r]\n/);
    assert.match(merged, /^\t\t"gate": \{\r$/m);
  });

  it('leaves comments at what they are about', () => {
    const inside = '\n    // A first, alone.\n    "a": {} // About a, b.\n    /* The end. */\n  ';
    const { text } = mergeJson(`{\n  "mcpServers": {${inside}}\n}\n`, 'gate', { url: 'x' });
    assert.equal(
      text,
      [
        '{',
        '  "mcpServers": {',
        '    // A first, alone.',
        '    "a": {}, // About a, b.',
        '    /* The end. */',
        '    "gate": {',
        '      "url": "x"',
        '    }',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('replaces the entry of that name and no other', () => {
    const text = '{ "mcpServers": { "gate": { "url": "http://old", "x": 1 }, "gate2": { "command": "y" } } }';
    const { text: merged, replaces } = mergeJson(text, 'gate', ENTRY);
    assert.equal(replaces, true);
    assert.deepEqual(JSON.parse(merged), { mcpServers: { gate: ENTRY, gate2: { command: 'y' } } });
  });

  it('keeps a name that means something to JavaScript', () => {
    const { text } = mergeJson('{ "__proto__": { "a": 1 } }', 'gate', ENTRY);
    assert.deepEqual(Object.entries(JSON.parse(text) as object), [
      ['__proto__', { a: 1 }],
      ['mcpServers', { gate: ENTRY }],
    ]);
  });

  it('changes nothing the second time', () => {
    const once = mergeJson('{\n  "a": [1, 2]\n}\n', 'gate', ENTRY).text;
    assert.deepEqual(mergeJson(once, 'gate', ENTRY), { text: once, replaces: true });
  });

  it('keeps whatever was there', () => {
    const key = fc.string().filter((text) => text !== '__proto__' && text !== 'mcpServers');
    const servers = fc.dictionary(key, fc.jsonValue(), { noNullPrototype: true });
    const file = fc.record({
      rest: fc.dictionary(key, fc.jsonValue(), { noNullPrototype: true }),
      servers: fc.option(servers, { nil: undefined }),
      indent: fc.constantFrom(undefined, 1, 2, 4, '\t'),
      name: fc.oneof(fc.constantFrom('gate', 'constructor', 'toString'), key),
    });
    fc.assert(
      fc.property(file, ({ rest, servers, indent, name }) => {
        const before = servers === undefined ? rest : { ...rest, mcpServers: servers };
        const { text, replaces } = mergeJson(JSON.stringify(before, null, indent), name, ENTRY);
        const expected = { ...before, mcpServers: { ...servers, [name]: ENTRY } };
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(expected)));
        assert.equal(replaces, Object.hasOwn(servers ?? {}, name));
      }),
    );
  });

  const BROKEN: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    [
      'a bracket that is missing',
      '{\n "mcpServers": {\n',
      /^is not valid JSON \(line \d: close brace expected\)$/,
    ],
    ['a merge conflict', '{\n<<<<<<< HEAD\n}', /^is not valid JSON \(line 2: /],
    ['no JSON', 'hello', /^is not valid JSON/],
    ['a comment alone', '// x', /^is not valid JSON/],
    ['a list', '[]', /^is not a JSON object$/],
    ['a number', '1', /^is not a JSON object$/],
    ['servers in a list', '{ "mcpServers": [] }', /"mcpServers"$/],
    ['servers twice', '{ "mcpServers": {}, "mcpServers": { "a": {} } }', /names something twice/],
    ['null for the servers', '{ "mcpServers": null }', /"mcpServers"$/],
  ];
  for (const [what, text, message] of BROKEN)
    it(`refuses ${what}`, () => {
      assert.throws(
        () => mergeJson(text, 'gate', ENTRY),
        (error) => error instanceof ConfigFileError && message.test(error.message),
      );
    });
});
