import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { ConfigFileError } from '../../../src/clientConfig/configFileError.js';
import { mergeToml, tomlFile } from '../../../src/clientConfig/tomlFile.js';
import { scanToml } from '../../../src/clientConfig/tomlScan.js';

const ENTRY = { command: 'C:\\a b\\Code.exe', args: ['/x/cli.js', 'connect'], env: { A: '1' } };

interface Config {
  [key: string]: unknown;
  mcp_servers?: Record<string, unknown>;
}
/** With plain objects: what a parser's inherit from is not the matter. */
const read = (text: string): Config => structuredClone(parse(text));

/** What parses before parses after, with the entry, and with nothing else changed. */
function assertMerged(text: string): string {
  const before = read(text);
  const merged = mergeToml(text, 'gate', ENTRY);
  const expected = { ...before, mcp_servers: { ...before.mcp_servers, gate: ENTRY } };
  assert.deepEqual(read(merged.text), expected);
  assert.equal(merged.replaces, Object.hasOwn(before.mcp_servers ?? {}, 'gate'));
  return merged.text;
}

describe('tomlFile', () => {
  it('is read back as it is meant, whatever the texts are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('\u007f', '\\u007f', '\t'),
    );
    fc.assert(
      fc.property(text, fc.array(text), text, (command, args, value) => {
        const entry = { command, args, env: { A: value } };
        const file = tomlFile('gate', entry);
        assert.deepEqual(read(file).mcp_servers, { gate: entry });
        assert.doesNotMatch(file, /(?!\n)\p{Cc}/u);
      }),
    );
  });
});

describe('mergeToml', () => {
  it('makes a whole file of nothing', () => {
    assert.deepEqual(mergeToml('', 'gate', ENTRY), { text: tomlFile('gate', ENTRY), replaces: false });
  });

  it('adds the table at the end and leaves the rest to the letter', () => {
    const text = 'model = "o3" # mine\n\n[mcp_servers.files]\n  command="x"   # odd\n# the end';
    assert.equal(assertMerged(text), `${text}\n\n${tomlFile('gate', ENTRY)}`);
  });

  it('replaces the table where it stands, with what is below it', () => {
    const before = '# a\nmodel = "o3"\n\n# about the gate\n';
    const after = '\n# about files\n[mcp_servers.files]\ncommand = "x"\n';
    const old =
      '[mcp_servers."gate"]\ncommand = """\n[no.header]\n"""\nargs = [\n  "a", # ]\n  "b",\n]\n[mcp_servers.gate.env]\nX = \'1\'\n';
    assert.equal(assertMerged(before + old + after), before + tomlFile('gate', ENTRY) + after);
  });

  it('writes lines as the file does', () => {
    const merged = assertMerged('a = 1\r\n\r\n[mcp_servers.b]\r\ncommand = "x"\r\n');
    assert.doesNotMatch(merged, /[^\r]\n/);
  });

  it('changes nothing the second time', () => {
    const once = mergeToml('a = 1\n', 'gate', ENTRY).text;
    assert.deepEqual(mergeToml(once, 'gate', ENTRY), { text: once, replaces: true });
  });

  const FORMS: Readonly<Record<string, string>> = {
    'dotted keys': 'mcp_servers.gate.command = "x"\nmcp_servers.b.command = "y"\nc = 1\n',
    'keys of the table of all': '[mcp_servers]\ngate = { command = "x" }\nb.command = "y"\n[z]\na = 1\n',
    'a table in two places':
      '[mcp_servers.gate.env]\nA = "x"\n[other]\nb = 1\n[mcp_servers.gate]\ncommand = "x"\n',
    'several tables': '[[a]]\nb = 1\n[a.c]\nd = 1\n[[a]]\nb = 2\n[a.c]\nd = 2\n',
    'every kind of value': [
      'a = [1, 2_000, +3, -4, 0xff, 0o17, 0b1, [ "x", { y = [] } ], ] # c',
      'b = [1.5, -2e10, inf, -nan, true]',
      'c = 1979-05-27T07:32:00.5Z',
      'd = 1979-05-27 07:32:00',
      'e = 07:32:00',
      `f = 'C:\\raw'`,
      `g = '''two\n[lines]''''`,
      'h = """quotes "" and \\""" here"""""',
      `"a.b".'c d'. e = ""`,
      '"" = 1',
    ].join('\n'),
    'names that only begin like it': '[mcp_servers.gate2]\ncommand = "x"\n[mcp_server.gate]\ncommand = "x"\n',
  };
  for (const [what, text] of Object.entries(FORMS))
    it(`merges into ${what}`, () => {
      assertMerged(text);
    });

  it('keeps whatever was there', () => {
    const key = fc.oneof(
      fc.constantFrom('gate', 'b', 'mcp_servers', 'a b', '"', 'é'),
      fc.string({ maxLength: 5 }),
    );
    const leaf = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.boolean(),
      fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => number + 0.5),
      fc.constantFrom('[x]', '"""', "'''", '# no', 'a = 1\n[b]\n', '\\'),
    );
    const { table } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(leaf, { maxLength: 3 }),
        fc.array(tie('table'), { minLength: 1, maxLength: 2 }),
        tie('table'),
      ),
      table: fc.dictionary(
        key.filter((text) => text !== '__proto__'),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    })) as { table: fc.Arbitrary<Record<string, unknown>> };
    fc.assert(
      fc.property(table, table, ({ mcp_servers: _servers, ...rest }, servers) => {
        assertMerged(`# first\n${stringify({ ...rest, mcp_servers: servers })}# last\n`);
      }),
    );
  });

  const BROKEN: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['a text that does not end', 'a = 1\nb = "x\n', /^is not valid TOML \(line 2: a text does not end\)$/],
    ['a long text that does not end', 'a = """x\n[b]\n', /line 1: a text does not end/],
    ['a header that does not end', '[mcp_servers.a\ncommand = "x"\n', /line 1: "]" is missing/],
    ['an array that does not end', 'a = [1, 2\nb = 1\n', /"]" is missing/],
    ['no value', 'a =\n', /a value is missing/],
    ['no TOML', '{ "mcpServers": {} }', /a key is missing/],
    ['a value that is none', 'a = hello\n', /a value is missing or is none/],
    ['a date that is none', 'a = 1979-5-27\n', /a value is missing or is none/],
    ['two values in a line', 'a = 1 b = 2\n', /the line goes on/],
    ['a merge conflict', 'a = 1\n<<<<<<< HEAD\n', /line 2: a key is missing/],
    ['a table that is there twice', '[a]\n[b]\n[a]\n', /"a" is there twice/],
    ['a key that is there twice', 'a = 1\na = 2\n', /"a" is there twice/],
    ['brackets without end', `a = ${'['.repeat(5000)}`, /too many brackets/],
    ['servers as one value', 'mcp_servers = { a = { command = "x" } }\n', /has to be added by hand$/],
    ['servers as a list', '[[mcp_servers]]\na = 1\n', /has to be added by hand$/],
  ];
  for (const [what, text, message] of BROKEN)
    it(`refuses ${what}`, () => {
      assert.throws(
        () => mergeToml(text, 'gate', ENTRY),
        (error) => error instanceof ConfigFileError && message.test(error.message),
      );
    });
});

describe('scanToml', () => {
  it('takes time in proportion to the file', () => {
    const long = `a = "${'\\\\'.repeat(100_000)}"\nb = """${'"" '.repeat(100_000)}"""\nc = [${'1,'.repeat(50_000)}]\n`;
    assert.equal(scanToml(long).length, 3);
  });
});
