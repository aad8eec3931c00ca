import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseMcpFile } from '../../../../src/gateway/config/mcpFile.js';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('parseMcpFile', () => {
  const good: [string, string, string, unknown][] = [
    ["VS Code's shape", '{"servers":{"a":{"command":"x"}}}', 'servers', { a: { command: 'x' } }],
    ["Claude Desktop's shape", '{"mcpServers":{"a":{}}}', 'mcpServers', { a: {} }],
    [
      'comments and trailing commas',
      '// hi\n{"servers":{/* x */"a":{"args":["1",],},},}',
      'servers',
      { a: { args: ['1'] } },
    ],
    ['servers of another type, for parseServers to tell', '{"servers":[1]}', 'servers', [1]],
    [
      'a comment marker inside a text',
      '{"servers":{"a":{"url":"http://x"}}}',
      'servers',
      { a: { url: 'http://x' } },
    ],
  ];
  for (const [what, text, place, servers] of good) {
    it(`reads ${what}`, () => {
      const file = parseMcpFile(text, 'mcp.json');
      assert.ok('groups' in file, JSON.stringify(file));
      assert.deepEqual([plain(file.groups), file.warnings], [[{ place, servers }], []]);
    });
  }

  const bad: [string, string, RegExp, string][] = [
    ['nothing', ' \n', /mcp\.json is empty/, 'mcp.json'],
    [
      'a missing comma',
      '{\n  "servers": {}\n  "inputs": []\n}',
      /line 3, column 3: comma expected/,
      'mcp.json:3:3',
    ],
    ['a cut file', '{"servers": {', /line 1, column 1\d: close brace expected/, 'mcp.json:1:14'],
    ['no JSON', 'servers: a', /line 1, column 1: invalid symbol/, 'mcp.json:1:1'],
    ['a list', '[]', /does not hold an object/, 'mcp.json'],
    ['null', 'null', /does not hold an object/, 'mcp.json'],
    ['an object without servers', '{"a":1}', /neither "servers" nor "mcpServers"/, 'mcp.json'],
    ['nesting without end', '['.repeat(200_000), /nested too deeply/, 'mcp.json:1:1'],
  ];
  for (const [what, text, message, path] of bad) {
    it(`tells of ${what}`, () => {
      const file = parseMcpFile(text, 'mcp.json');
      assert.ok('problem' in file);
      assert.match(file.problem.message, message);
      assert.deepEqual([file.problem.path, file.problem.severity], [path, 'error']);
    });
  }

  it('keeps a key "__proto__" a key', () => {
    const file = parseMcpFile(
      '{"servers":{"__proto__":{"command":"x"},"a":{"__proto__":{"command":"y"}}}}',
      'f',
    );
    assert.ok('groups' in file);
    const [{ servers } = { servers: undefined }] = file.groups;
    assert.deepEqual(Object.keys(servers as object), ['__proto__', 'a']);
    assert.equal((servers as { a: { command?: string } }).a.command, undefined);
    assert.equal(({} as { command?: string }).command, undefined);
  });

  it('reads "servers" and "mcpServers" of one file, and says which of two with one id is used', () => {
    const text = '{"mcpServers":{"a":{"command":"x"},"b":{}},"servers":{"c":{},"a":{"command":"y"}}}';
    const file = parseMcpFile(text, 'f.json');
    assert.ok('groups' in file);
    assert.deepEqual(plain(file.groups), [
      { place: 'servers', servers: { c: {}, a: { command: 'y' } } },
      { place: 'mcpServers', servers: { b: {} } },
    ]);
    assert.deepEqual(
      file.warnings.map(({ path, server, severity }) => [path, server, severity]),
      [['mcpServers.a', 'a', 'warning']],
    );
    assert.match(file.warnings[0]!.message, /the one under "servers" is used/);
  });

  it('warns of a server that is there twice', () => {
    const file = parseMcpFile('{"servers":{"a":{"command":"x"},\n"a":{"command":"y"}}}', 'f');
    assert.ok('groups' in file);
    assert.deepEqual(plain(file.groups[0]?.servers), { a: { command: 'y' } });
    assert.deepEqual(
      file.warnings.map(({ path, message }) => [path, /line 2/.test(message)]),
      [['servers.a', true]],
    );
  });

  it('reads whatever JSON there is under "servers", and answers to any text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (servers) => {
        const file = parseMcpFile(JSON.stringify({ servers }), 'f');
        assert.ok('groups' in file);
        assert.deepEqual(plain(file.groups[0]?.servers), plain(servers));
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => 'problem' in parseMcpFile(text, 'f')));
  });
});
