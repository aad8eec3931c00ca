import assert from 'node:assert/strict';
import fc from 'fast-check';
import { table } from '../../../src/cli/table.js';

describe('table', () => {
  const rows = [
    ['short', 'x'],
    ['a longer name', 'A description that goes on for quite a while.'],
  ];

  it('cuts nothing where there is no width', () => {
    assert.equal(
      table(['NAME', 'DESCRIPTION'], rows, undefined),
      'NAME           DESCRIPTION\nshort          x\na longer name  A description that goes on for quite a while.\n',
    );
  });

  it('cuts the last column to the width', () => {
    assert.equal(
      table(['NAME', 'DESCRIPTION'], rows, 30),
      'NAME           DESCRIPTION\nshort          x\na longer name  A descriptio…\n',
    );
  });

  it('keeps one line a row, whatever is in the cells', () => {
    assert.equal(
      table(['A'], [['one\ntwo\r\n\u001b[2J\u0085three']], undefined),
      'A\none two \\u001b[2J\\u0085three\n',
    );
  });

  it('keeps within the width, with every row on one line', () => {
    const cell = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 30, max: 120 }),
        (cells, width) => {
          const lines = table(['ONE', 'TWO', 'THREE'], cells, width).split('\n');
          assert.equal(lines.length, cells.length + 2);
          for (const line of lines) assert.ok(line.length <= width, `${line.length} of ${width}: ${line}`);
        },
      ),
    );
  });
});
