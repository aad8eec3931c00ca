import picomatch from 'picomatch';

/** Of one glob, when its `{a,b}` are multiplied out. */
const MAX_ALTERNATIVES = 1000;

/** Private-use characters that stand for `/` and `.`, so that picomatch takes nothing for a path: a name may be `../a`. */
export const SLASH = '\uE000';
export const DOT = '\uE001';

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

const STAR = Symbol('*');
/** What stands for one character (UTF-16 unit), or for any number of them. */
type Atom = typeof STAR | ((character: string) => boolean);
/** What must stand side by side between two stars. */
type Segment = readonly Exclude<Atom, typeof STAR>[];

/**
 * Compiles a glob over whole texts: `*`, `?`, `[…]`, `{a,b}` and `\` before what is no letter or digit. It means what
 * picomatch means by it, whose regular expressions take polynomial time, and whose parser can fail to end; this takes at most
 * the product of both lengths for each alternative.
 * @throws Error that says in half a sentence what is wrong
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const alternatives = new Parser(withoutPathCharacters(glob)).all().map(segmentsOf);
  return (text) => {
    // As picomatch does.
    if (text === glob) return true;
    const name = withoutPathCharacters(text);
    return alternatives.some((segments) => matches(segments, name));
  };
}

const withoutPathCharacters = (text: string): string => text.replaceAll('/', SLASH).replaceAll('.', DOT);

function segmentsOf(atoms: readonly Atom[]): readonly Segment[] {
  const segments: Exclude<Atom, typeof STAR>[][] = [[]];
  for (const atom of atoms)
    if (atom === STAR) segments.push([]);
    else segments.at(-1)?.push(atom);
  return segments;
}

/** Each segment has a fixed length, so that the first place where it fits leaves most to those after it. */
function matches(segments: readonly Segment[], text: string): boolean {
  const [first = [], ...others] = segments;
  const last = others.pop();
  if (!fits(first, text, 0)) return false;
  if (!last) return first.length === text.length;
  const end = text.length - last.length;
  let at = first.length;
  if (end < at || !fits(last, text, end)) return false;
  for (const segment of others) {
    while (at + segment.length <= end && !fits(segment, text, at)) at++;
    at += segment.length;
    if (at > end) return false;
  }
  return true;
}

const fits = (segment: Segment, text: string, at: number): boolean =>
  segment.every((atom, i) => at + i < text.length && atom(text.charAt(at + i)));

/** Multiplies the alternatives out: each is a row of atoms. */
class Parser {
  #at = 0;

  constructor(private readonly glob: string) {}

  all(): Atom[][] {
    return this.#row('');
  }

  /** @param ends the characters at which it ends */
  #row(ends: string): Atom[][] {
    let rows: Atom[][] = [[]];
    while (this.#at < this.glob.length && !ends.includes(this.glob.charAt(this.#at))) {
      const next = this.#next();
      if (rows.length * next.length > MAX_ALTERNATIVES)
        throw new Error(`it has more than ${MAX_ALTERNATIVES} alternatives`);
      rows = rows.flatMap((row) => next.map((atoms) => [...row, ...atoms]));
    }
    return rows;
  }

  #next(): Atom[][] {
    const character = this.glob.charAt(this.#at++);
    switch (character) {
      case '*':
        return [[STAR]];
      case '?':
        return [[() => true]];
      case '[':
        return this.#class();
      case '{':
        return this.#braces();
      case ']':
        throw new Error('it has a "]" without its "["');
      case '}':
        throw new Error('it has a "}" without its "{"');
      case '\\':
        return [literal(this.glob.charAt(this.#at++) || character)];
      default:
        return [literal(character)];
    }
  }

  #braces(): Atom[][] {
    const rows: Atom[][] = [];
    let parts = 0;
    let end: string;
    do {
      rows.push(...this.#row(',}'));
      parts++;
      end = this.glob.charAt(this.#at++);
    } while (end === ',');
    if (end === '') throw new Error('it has a "{" without its "}"');
    // Without a comma they stand for themselves.
    return parts > 1 ? rows : rows.map((row) => [...literal('{'), ...row, ...literal('}')]);
  }

  #class(): Atom[][] {
    const begin = this.#at - 1;
    if (/[!^]/.test(this.glob.charAt(this.#at))) this.#at++;
    // A bracket that comes first is one of the class's characters.
    if (this.glob.charAt(this.#at) === ']') this.#at++;
    while (this.#at < this.glob.length && this.glob.charAt(this.#at) !== ']') {
      const named = /^\[:[a-z]+:\]/.exec(this.glob.slice(this.#at, this.#at + 16));
      this.#at += named ? named[0].length : this.glob.charAt(this.#at) === '\\' ? 2 : 1;
    }
    if (this.#at >= this.glob.length) throw new Error('it has a "[" without its "]"');
    const text = this.glob.slice(begin, ++this.#at);
    const one = picomatch(text, OPTIONS);
    const rows: Atom[][] = [[(character) => one(character)]];
    // As bash does where nothing else fits, picomatch takes simple classes literally too.
    if (one(text)) rows.push(literal(text));
    return rows;
  }
}

const literal = (text: string): Exclude<Atom, typeof STAR>[] =>
  Array.from({ length: text.length }, (_, i) => (character: string) => character === text.charAt(i));
