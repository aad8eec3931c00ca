import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cell,
  commandLink,
  cut,
  cutWithNote,
  escapeMarkdown,
  fence,
  firstLine,
  table,
} from '../../../../src/vscode/chat/render.js';

describe('fence', () => {
  it('cannot be ended by what is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'a', ' ', '~') }), (text) => {
        const block = fence(text, 'json');
        const ticks = /^`+/.exec(block)?.[0] ?? '';
        assert.ok(ticks.length >= 3);
        assert.ok(block.endsWith(`\n${ticks}`));
        assert.ok(!text.includes(ticks));
      }),
    );
  });
});

describe('escapeMarkdown', () => {
  const dangerous: Record<string, string> = {
    'a link': '[x](command:workbench.action.quit)',
    'an image': '![x](https://example.com/x.png)',
    'an autolink': '<https://example.com>',
    'a bare address': 'https://example.com',
    'a theme icon': '$(trash)',
    HTML: '<img src=x>',
    'the end of a table cell': 'a | b',
    code: '`x`',
    emphasis: '**x** __y__ ~~z~~',
    'an entity': '&lt;',
    'an escaped end of a cell': 'a \\| b',
  };
  for (const [what, text] of Object.entries(dangerous)) {
    it(`leaves no ${what}`, () => {
      const unescaped = escapeMarkdown(text).replace(/\\[!-/:-@[-`{-~]/g, '');
      assert.doesNotMatch(unescaped, /[\\`*_[\]()<>|!$&~:.]/);
    });
  }

  it('keeps every character of the text', () => {
    const text = 'a [b](c) | `d` \\ e';
    assert.equal(escapeMarkdown(text).replace(/\\([!-/:-@[-`{-~])/g, '$1'), text);
  });

  it('writes several lines as one', () => {
    assert.equal(escapeMarkdown(' a\n# b\r\n'), 'a \\# b');
  });
});

describe('cut', () => {
  it('leaves a short text alone and a long one at the limit', () => {
    assert.equal(cut('abc', 3), 'abc');
    assert.equal(cut('abcd', 3), 'ab…');
  });

  it('never leaves half a character', () => {
    assert.equal(cut('a😀b', 3), 'a…');
  });

  it('says how much is missing when there is room for a note', () => {
    assert.equal(cutWithNote('abcdef', 4), 'abcd\n[2 of 6 characters are left out here.]');
  });
});

it('firstLine skips empty lines', () => {
  assert.equal(firstLine('\n  \n  First.  \nSecond.'), 'First.');
  assert.equal(firstLine(''), '');
});

it('commandLink encodes arguments so that they cannot end the link', () => {
  assert.equal(
    commandLink('Show [log]', 'mcpGateway.showServerLog', "a) '(b"),
    '[Show \\[log\\]](command:mcpGateway.showServerLog?%5B%22a%29%20%27%28b%22%5D)',
  );
});

it('table has a row for each line', () => {
  assert.equal(table(['A', 'B'], [[cell('x|y'), 'z']]), '| A | B |\n| --- | --- |\n| x\\|y | z |');
});
