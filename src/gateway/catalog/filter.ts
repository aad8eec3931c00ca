import picomatch from 'picomatch';
import type { ToolFilter } from '../model/definition.js';

/** MCP 2025-11-25, "Tool Names": 1 to 128 characters. A longer name could make matching slow; it is not shown. */
const MAX_NAME_LENGTH = 128;
const MAX_GLOB_LENGTH = 256;
const MAX_GLOBS = 500;
/** Time to match grows with the name's length to this power. */
const MAX_STARS = 4;

/** Private-use characters that stand for `/` and `.`, so that nothing is taken for a path: a name may be `../a`. */
const SLASH = '\uE000';
const DOT = '\uE001';

const OPTIONS: picomatch.PicomatchOptions = {
  // `[!a]` is "not a", as in bash.
  posix: true,
  // A glob that is not well-formed must throw; by default it would be taken literally or match nothing.
  strictBrackets: true,
  debug: true,
  // A name with a line break in it must not slip past `*`.
  flags: 's',
  // By default it depends on the platform whether a backslash is a path's separator.
  windows: false,
};

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
  // Quantified groups can take exponential time.
  if (/[()]/.test(glob)) return 'has parentheses, which are not supported; write alternatives as {a,b}';
  // picomatch would take the one for a class of single characters, the other for a quantifier.
  if (/\{[^{}]*\.\.[^{}]*\}/.test(glob))
    return 'has a range, which is not supported; write alternatives as {a,b}';
  if (/[\]}]\+/.test(glob)) return 'has a "+" after a bracket; write "\\+" for the character itself';
  if (count(glob, '}') > count(glob, '{')) return 'has a "}" without its "{"';
  if (starsInARow(glob) > MAX_STARS) return `has more than ${MAX_STARS} times "*"`;
  try {
    compile(glob);
    return undefined;
  } catch (error) {
    return `is not a glob: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** How many stars one way through the glob meets; of alternatives, the one with most counts. */
function starsInARow(glob: string): number {
  let rest = oneStar(glob);
  for (;;) {
    const without = rest.replace(/\{([^{}]*)\}/g, (_, alternatives: string) =>
      '*'.repeat(Math.max(...alternatives.split(',').map((text) => count(text, '*')))),
    );
    if (without === rest) return count(rest, '*');
    rest = without;
  }
}

const count = (text: string, character: string): number => text.split(character).length - 1;
const oneStar = (glob: string): string => glob.replace(/\*+/g, '*');

function anyOf(globs: readonly string[]): Matcher {
  const matchers = globs.map(compile);
  return (toolName) => {
    const name = withoutPathCharacters(toolName);
    return matchers.some((matches) => matches(name));
  };
}

const compile = (glob: string): Matcher => picomatch(withoutPathCharacters(oneStar(glob)), OPTIONS);

const withoutPathCharacters = (text: string): string => text.replaceAll('/', SLASH).replaceAll('.', DOT);

const isMatchable = (toolName: string): boolean =>
  toolName !== '' &&
  toolName.length <= MAX_NAME_LENGTH &&
  !toolName.includes(SLASH) &&
  !toolName.includes(DOT);
