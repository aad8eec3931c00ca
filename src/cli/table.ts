import Table from 'cli-table3';
import { visible } from '../base/text/visible.js';

const gap = 2;
const leastColumn = 8;
/** UTF-16 units of a character on the terminal; an emoji of a family has more, and is cut where it would not have fitted. */
const MAX_UNITS = 4;

const borderless = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/**
 * A table without borders, one line a row. Every column is as wide as it needs, but the last gets what is left of
 * `width` and is cut with an ellipsis.
 * @param width characters of the terminal, `undefined` where nothing need be cut
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string {
  // The library shortens what does not fit one character at a time.
  const most = width === undefined ? Infinity : width * MAX_UNITS;
  const cells = [head, ...rows].map((row) => row.map((cell) => cut(visible(cell, 'line'), most)));
  const result = new Table({
    chars: borderless,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    ...(width === undefined ? {} : { colWidths: columnWidths(cells, width) }),
  });
  result.push(...cells);
  return result
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function columnWidths(cells: readonly (readonly string[])[], width: number): number[] {
  const columns = cells[0]?.length ?? 0;
  const needed = Array.from({ length: columns }, (_, column) =>
    cells.reduce((most, row) => Math.max(most, (row[column] ?? '').length), 0),
  );
  let left = width;
  return needed.map((need, column) => {
    const after = (columns - 1 - column) * (leastColumn + gap);
    const own = Math.max(leastColumn + gap, Math.min(need + gap, left - after));
    left -= own;
    return own;
  });
}

/** Does not leave half of a surrogate pair behind. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
