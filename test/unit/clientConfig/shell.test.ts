import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { commandLine } from '../../../src/clientConfig/shell.js';

const run = promisify(execFile);

/** The words that a real shell makes of a line, told apart by NUL. */
async function wordsOf(line: string): Promise<string[]> {
  const { stdout } = await run('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

const ODD = [
  'plain',
  '',
  'two words',
  `it's`,
  `"quoted"`,
  '$HOME',
  '${HOME}',
  '$(echo x)',
  '`echo x`',
  'a\\b',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '~',
  '!x',
  '#x',
  'a;b',
  'a|b',
  'a&b',
  'a>b',
  '--',
  '-n',
  'A=1',
  '=ls',
  'grün',
  '日本 語',
  '👩‍👩‍👧',
  '/Applications/Visual Studio Code.app/x',
];

describe('commandLine', () => {
  describe('for sh', () => {
    it('is read by a real shell as the words that went in', async function () {
      if (process.platform === 'win32') this.skip();
      assert.deepEqual(await wordsOf(commandLine(ODD, 'sh')!), ODD);
    });

    it('is so for any words', async function () {
      if (process.platform === 'win32') this.skip();
      const word = fc
        .string({ unit: 'grapheme', maxLength: 12 })
        .map((text) => text.replace(/\p{Cc}/gu, "'"));
      const part = fc.oneof(word, fc.constantFrom(...ODD));
      await fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 40 }), async (words) => {
          assert.deepEqual(await wordsOf(commandLine(words, 'sh')!), words);
        }),
        { numRuns: 40 },
      );
    });

    it('leaves plain words as people write them', () => {
      const words = ['claude', 'mcp', 'add', '--env', 'A=1', '--', '/usr/bin/node', 'a.js', '--server=x'];
      assert.equal(commandLine(words, 'sh'), words.join(' '));
    });
  });

  describe('for windows', () => {
    const LINES: readonly (readonly [words: string[], line: string | undefined])[] = [
      [['claude', 'mcp', 'add'], 'claude mcp add'],
      [['x', '--', 'C:\\a\\b.exe'], 'x "--" C:\\a\\b.exe'],
      [['x', 'C:\\Program Files\\a.exe'], 'x "C:\\Program Files\\a.exe"'],
      [['x', '--env', 'A=1'], 'x --env "A=1"'],
      [['x', `it's & (so) ü`], `x "it's & (so) ü"`],
      [['x', ''], 'x ""'],
      [['x', '@a'], 'x "@a"'],
      [['x', 'say "hi"'], undefined],
      [['x', '%PATH%'], undefined],
      [['x', '$env:PATH'], undefined],
      [['x', 'a`b'], undefined],
      [['x', 'a!b'], undefined],
      [['x', 'a^b'], undefined],
      [['x', 'a\u201d b'], undefined],
      [['x', 'C:\\a b\\'], undefined],
    ];
    for (const [words, line] of LINES)
      it(`makes ${line ?? 'nothing'} of ${JSON.stringify(words)}`, () => {
        assert.equal(commandLine(words, 'windows'), line);
      });
  });

  for (const shell of ['sh', 'windows'] as const)
    it(`makes nothing of what a terminal would act on (${shell})`, () => {
      for (const control of ['\n', '\r', '\u001b[2J', '\u0000', '\u007f', '\u009b'])
        assert.equal(commandLine(['x', `a${control}b`], shell), undefined);
    });
});
