import type { ToolFilter } from '../model/definition.js';
import { compileGlob, DOT, SLASH } from './glob.js';

/** MCP 2025-11-25, "Tool Names": 1 to 128 characters. A longer name could make matching slow; it is not shown. */
const MAX_NAME_LENGTH = 128;
const MAX_GLOB_LENGTH = 256;
const MAX_GLOBS = 500;

type Matcher = (toolName: string) => boolean;

/**
 * Which of a server's own tool names are shown: in `include` (if there is one) and not in `exclude`. Fails closed: a
 * filter with any glob that cannot be compiled hides every tool ({@link filterProblem} says why), and so does, for one
 * tool, a name that globs cannot be matched against.
 *
 * Globs: `*`, `?`, `[…]` and `{a,b}`, case-sensitive, over the whole name. Names are not paths: `*` matches
 * any character.
 */
export function compileFilter(filter: ToolFilter): Matcher {
  if (filter.include === undefined && filter.exclude.length === 0) return () => true;
  if (filterProblem(filter) !== undefined) return () => false;
  const included = filter.include === undefined ? () => true : anyOf(filter.include);
  const excluded = anyOf(filter.exclude);
  return (toolName) => isMatchable(toolName) && included(toolName) && !excluded(toolName);
}

/** Why the filter cannot be used, in one sentence that names the glob; `undefined` when it can. */
export function filterProblem(filter: ToolFilter): string | undefined {
  const globs = [...(filter.include ?? []), ...filter.exclude];
  if (globs.length > MAX_GLOBS) return `There are more than ${MAX_GLOBS} patterns.`;
  for (const glob of globs) {
    const problem = globProblem(glob);
    if (problem !== undefined) return `The pattern "${glob.slice(0, MAX_GLOB_LENGTH)}" ${problem}.`;
  }
  return undefined;
}

function globProblem(glob: string): string | undefined {
  if (glob === '') return 'is empty';
  if (glob.length > MAX_GLOB_LENGTH) return `is longer than ${MAX_GLOB_LENGTH} characters`;
  if (glob.startsWith('!')) return 'starts with "!"; put what is to be hidden under tools.exclude instead';
  // No groups with quantifiers.
  if (/[()]/.test(glob)) return 'has parentheses, which are not supported; write alternatives as {a,b}';
  // picomatch would take the one for a class of single characters, the other for a quantifier.
  if (/\{[^{}]*\.\.[^{}]*\}/.test(glob))
    return 'has a range, which is not supported; write alternatives as {a,b}';
  if (/[\]}]\+/.test(glob)) return 'has a "+" after a bracket; write "\\+" for the character itself';
  if (count(glob, '}') > count(glob, '{')) return 'has a "}" without its "{"';
  // picomatch would take them for a regular expression's, or leave them out.
  if (glob.includes('|')) return 'has a "|", which is not supported; write alternatives as {a,b}';
  if (glob.includes('"')) return 'has a quotation mark, which is not supported; write ? for it';
  if (/\\[0-9A-Za-z]/.test(glob)) return 'has a "\\" before a letter or digit, which means nothing';
  try {
    compileGlob(glob);
    return undefined;
  } catch (error) {
    return `is not a glob: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const count = (text: string, character: string): number => text.split(character).length - 1;

function anyOf(globs: readonly string[]): Matcher {
  const matchers = globs.map(compileGlob);
  return (toolName) => matchers.some((matches) => matches(toolName));
}

const isMatchable = (toolName: string): boolean =>
  toolName !== '' &&
  toolName.length <= MAX_NAME_LENGTH &&
  !toolName.includes(SLASH) &&
  !toolName.includes(DOT);
