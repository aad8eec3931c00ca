import { structuredPatch } from 'diff';
import { canonicalJson, type CoveredTool } from '../../../gateway/catalog/toolDigest.js';
import { visible } from '../../../base/text/visible.js';
import { cutWithNote, fence } from '../render.js';

/** Characters of a difference, or of a definition, that a question shows. */
const MAX_SHOWN = 10_000;
const MAX_COLUMNS = 80;
/** Lines around a change. */
const CONTEXT = 1;
/** Beyond these two definitions have next to nothing in common, and finding it would take long. */
const MAX_EDITS = 2000;
const MAX_MS = 100;

const HEADINGS: readonly (readonly [keyof CoveredTool, string])[] = [
  ['title', 'title'],
  ['description', 'description'],
  ['annotations', 'hints'],
  ['inputSchema', 'arguments'],
  ['outputSchema', 'result'],
];

/** What a tool says of itself as lines for people, with what is hidden made visible; none is longer than a code block is wide. */
export function definitionLines(tool: CoveredTool): readonly string[] {
  return HEADINGS.flatMap(([field, heading]) => {
    const value = tool[field];
    if (value === undefined) return [];
    const text = typeof value === 'string' ? value : canonicalJson(value, 2);
    return `${heading}: ${visible(text)}`.split(/\r\n|[\r\n]/).flatMap(wrapped);
  });
}

/** @returns a code block with the lines that are gone (`-`) and those that are new (`+`), or with all of `after` */
export function differenceMarkdown(before: CoveredTool | undefined, after: CoveredTool): string {
  const now = definitionLines(after);
  const hunks = before && changes(definitionLines(before), now);
  return hunks === undefined
    ? fence(cutWithNote(now.join('\n'), MAX_SHOWN))
    : fence(cutWithNote(hunks.join('\n'), MAX_SHOWN), 'diff');
}

function changes(before: readonly string[], after: readonly string[]): readonly string[] | undefined {
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const patch = structuredPatch('', '', text(before), text(after), '', '', {
    context: CONTEXT,
    maxEditLength: MAX_EDITS,
    timeout: MAX_MS,
  });
  return patch?.hunks.flatMap(({ lines }, index) => (index === 0 ? lines : ['…', ...lines]));
}

/** Code blocks of the chat do not wrap; nothing may be far out of sight on the right. A mark shows where a line goes on. */
export const wrapped = (line: string): readonly string[] =>
  line.replace(new RegExp(`.{${MAX_COLUMNS}}(?=.)`, 'gu'), (part) => `${part}\n↪ `).split('\n');
