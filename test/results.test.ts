import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/** Measures of which `bench/RESULTS.md` must have a figure. */
const MEASURES = 15;

describe('bench/RESULTS.md', () => {
  let rows: string[][];
  before(async () => {
    const text = await readFile('bench/RESULTS.md', 'utf8');
    rows = text
      .split('\n')
      .filter((line) => /^\| *\d/.test(line))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
  });

  it('has every measure with its target and a figure', () => {
    const held = rows.filter(([, , , target]) => target !== '–');
    const numbers = new Set(held.map(([id]) => parseInt(id ?? '')));
    assert.deepEqual(
      [...numbers],
      Array.from({ length: MEASURES }, (_, index) => index + 1),
    );
    for (const [id, , , , figure = '', verdict = ''] of held) {
      assert.match(figure, /^\d/, `row ${id ?? ''}`);
      assert.match(verdict, /^[✔✘]$/u, `row ${id ?? ''}`);
    }
  });

  it('has the figures that the README shows', async () => {
    const readme = await readFile('README.md', 'utf8');
    const table = /## How fast it is\n[^]*?\n((?:\|.*\n)+)/.exec(readme)?.[1] ?? '';
    const shown = [...table.matchAll(/\*\*([^*]+)\*\*/g)].map((match) => match[1]!);
    assert.ok(shown.length >= 4, table);
    const figures = rows.map(([, , , , figure = '', , detail = '']) => `${figure} ${detail}`).join('\n');
    for (const figure of shown) assert.ok(figures.includes(figure), figure);
  });
});
