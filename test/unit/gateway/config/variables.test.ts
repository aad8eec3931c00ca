import assert from 'node:assert/strict';
import { sep } from 'node:path';
import fc from 'fast-check';
import { substitute, type VariableContext } from '../../../../src/gateway/config/variables.js';

const context: VariableContext = {
  workspaceFolder: '/work space',
  workspaceFolders: new Map([
    ['main', '/work space'],
    ['other', '/other'],
  ]),
  userHome: '/home/me',
  env: { TOKEN: 's3cret', EMPTY: '', NESTED: '${userHome}', DOLLAR: '$&$1$$' },
  config: (key) =>
    ({ 'a.text': 'text', 'a.number': 7, 'a.flag': false, 'a.object': {}, 'a.nested': '${env:TOKEN}' })[key],
};

describe('substitute', () => {
  const replaced: [string, string][] = [
    ['plain', 'plain'],
    ['', ''],
    ['${workspaceFolder}/a', '/work space/a'],
    ['${workspaceFolder:other}', '/other'],
    ['${userHome}${/}x${pathSeparator}', `/home/me${sep}x${sep}`],
    ['Bearer ${env:TOKEN}', 'Bearer s3cret'],
    ['${env:EMPTY}', ''],
    ['${config:a.text} ${config:a.number} ${config:a.flag}', 'text 7 false'],
    ['${env:NESTED}', '${userHome}'],
    ['${config:a.nested}', '${env:TOKEN}'],
    ['${env:DOLLAR}', '$&$1$$'],
    ['$ {x} $x', '$ {x} $x'],
  ];
  for (const [text, expected] of replaced) {
    it(`makes ${JSON.stringify(text)} ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(substitute(text, context), { text: expected, problems: [] });
    });
  }

  const warned: [string, string, RegExp][] = [
    ['a${env:MISSING}b', 'ab', /no such environment variable/],
    ['${env:constructor}', '', /no such environment variable/],
    ['sh -c "echo ${HOME}"', 'sh -c "echo ${HOME}"', /\$\{HOME\}.*\$\{env:NAME\}/],
    ['${VAR:-${OTHER}}', '${VAR:-${OTHER}}', /no variable of the settings/],
    ['${VAR:-${userHome}}', '${VAR:-${userHome}}', /no variable of the settings/],
    ['${}', '${}', /no variable of the settings/],
    ['${userHome', '${userHome', /without its "}"/],
    ['${WorkspaceFolder}', '${WorkspaceFolder}', /no variable of the settings/],
  ];
  for (const [text, expected, message] of warned) {
    it(`warns of ${JSON.stringify(text)}`, () => {
      const { text: result, problems } = substitute(text, context);
      assert.equal(result, expected);
      assert.deepEqual(
        problems.map(({ severity }) => severity),
        ['warning'],
      );
      assert.match(problems[0]!.message, message);
    });
  }

  const nowhere: VariableContext = { ...context, workspaceFolder: undefined, workspaceFolders: new Map() };
  const manyFolders: VariableContext = { ...context, workspaceFolder: undefined };
  const refused: [string, RegExp, VariableContext?][] = [
    ['${input:token}', /not supported yet.*\$\{env:NAME\}/],
    ['${command:pick}', /not supported here/],
    ['${file}', /open editor.*\$\{workspaceFolder\}/],
    ['${lineNumber}', /open editor/],
    ['${selectedText}', /open editor/],
    ['${relativeFileDirname}', /open editor/],
    ['${workspaceRoot}', /Use \$\{workspaceFolder\}/],
    ['${cwd}', /Use \$\{workspaceFolder\}/],
    ['${extensionInstallFolder:a.b}', /not supported here/],
    ['${env}', /Write \$\{env:NAME\}/],
    ['${env:}', /Write \$\{env:NAME\}/],
    ['${env:${userHome}}', /cannot be nested/],
    ['${config}', /names no setting/],
    ['${config:a.missing}', /is not set/],
    ['${config:a.object}', /not a plain value/],
    ['${workspaceFolder:nope}', /Use one of: main, other/],
    ['${workspaceFolder}', /needs a workspace folder/, nowhere],
    ['${workspaceFolder:main}', /Open the folder first/, nowhere],
    ['${workspaceFolder}', /Write \$\{workspaceFolder:name\}/, manyFolders],
    [
      '${config:a}',
      /is not set/,
      {
        ...context,
        config: () => {
          throw new Error('no settings');
        },
      },
    ],
  ];
  for (const [text, message, where = context] of refused) {
    it(`refuses ${text}: ${message}`, () => {
      const { text: result, problems } = substitute(`<${text}>`, where);
      assert.equal(result, '<>', 'never the literal text');
      assert.deepEqual(
        problems.map(({ severity }) => severity),
        ['error'],
      );
      assert.match(problems[0]!.message, message);
    });
  }

  it('finds a variable of the environment by any letter case on Windows', () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    try {
      for (const [value, text] of [
        ['win32', 's3cret'],
        ['linux', ''],
      ]) {
        Object.defineProperty(process, 'platform', { ...platform, value });
        assert.equal(substitute('${env:token}', context).text, text);
      }
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });

  it('never looks again at what it put in', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('${', '}', '${userHome}', '${env:A}', '${input:x}', '$', ':'),
    );
    const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(value, value, value, (a, b, home) => {
        const { text, problems } = substitute('<${env:A}|${config:b}|${userHome}>', {
          ...context,
          env: { A: a },
          config: () => b,
          userHome: home,
        });
        assert.deepEqual({ text, problems }, { text: `<${a}|${b}|${home}>`, problems: [] });
      }),
    );
  });

  it('leaves text without "${" alone, takes any text, and tells no values', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('${', '}', '${env:TOKEN', 'env:', '{', '${nope}', '${input:a}'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const result = substitute(text, context);
        if (!text.includes('${')) assert.deepEqual(result, { text, problems: [] });
        assert.ok(!JSON.stringify(result.problems).includes('s3cret'));
      }),
    );
  });
});
