import { ConfigFileError, lineOf } from './configFileError.js';

/** What says something in a TOML file: the header of a table, of one of several (`tables`), or a key with its value. */
export interface Statement {
  readonly kind: 'table' | 'tables' | 'key';
  /** From the root of the document. */
  readonly path: readonly string[];
  /** Offset of the beginning of its line. */
  readonly start: number;
  /** Offset of the beginning of the line after it. */
  readonly end: number;
}

/**
 * Where everything stands in a TOML file (https://toml.io/en/v1.0.0), without its values: those are only told from each
 * other, so that the rest of the file can be left alone to the letter.
 * @throws ConfigFileError where it is not TOML
 */
export const scanToml = (text: string): readonly Statement[] => new Scanner(text).statements();

const BARE_KEY = /[\w-]+/y;
const BASIC = /"(?:[^"\\\p{Cc}]|\t|\\[^\p{Cc}])*"/uy;
const LITERAL = /'(?:[^'\p{Cc}]|\t)*'/uy;
const LONG_BASIC = /"""(?:\\[\s\S]|(?!""")[^\\])*"{3,5}/y;
const LONG_LITERAL = /'''(?:(?!''')[\s\S])*'{3,5}/y;
const SCALAR = /[\w+.:-]+(?: \d\d:[\w+.:-]+)?/y;
const BLANKS = /[ \t]*/y;
const COMMENT = /#[^\n]*/y;
const NEWLINE = /\r?\n/y;
/** Blanks, newlines and comments, which may stand between the values of an array. */
const GAP = /(?:[ \t\r\n]|#[^\n]*(?:\n|$))*/y;

const TIME = String.raw`\d\d:\d\d(?::\d\d(?:\.\d+)?)?`;
const DIGITS = String.raw`\d(?:_?\d)*`;
const SCALARS = [
  'true|false|[+-]?(?:inf|nan)',
  String.raw`[+-]?(?:0|[1-9](?:_?\d)*)(?:\.${DIGITS})?(?:[eE][+-]?${DIGITS})?`,
  '0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*',
  String.raw`\d{4}-\d\d-\d\d(?:[Tt ]${TIME}(?:[Zz]|[+-]\d\d:\d\d)?)?`,
  TIME,
];
const KNOWN_SCALAR = new RegExp(`^(?:${SCALARS.join('|')})$`);

const MAX_DEPTH = 100;

class Scanner {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  statements(): readonly Statement[] {
    const found: Statement[] = [];
    let table: readonly string[] = [];
    while (this.#at < this.text.length) {
      const start = this.#at;
      this.#take(BLANKS);
      const statement = this.#isAtLineEnd() ? undefined : this.#statement(table);
      this.#endLine();
      if (!statement) continue;
      if (statement.kind !== 'key') table = statement.path;
      found.push({ ...statement, start, end: this.#at });
    }
    return found;
  }

  #statement(table: readonly string[]): Pick<Statement, 'kind' | 'path'> {
    if (this.#takeText('[')) {
      const several = this.#takeText('[');
      const path = this.#path();
      this.#expect(several ? ']]' : ']');
      return { kind: several ? 'tables' : 'table', path };
    }
    const path = this.#path();
    this.#expect('=');
    this.#value();
    return { kind: 'key', path: [...table, ...path] };
  }

  #path(): string[] {
    const path: string[] = [];
    do {
      this.#take(BLANKS);
      path.push(this.#key());
      this.#take(BLANKS);
    } while (this.#takeText('.'));
    return path;
  }

  #key(): string {
    const basic = this.#take(BASIC);
    if (basic !== undefined) return unescaped(basic);
    return this.#take(LITERAL)?.slice(1, -1) ?? this.#take(BARE_KEY) ?? this.#fail('a key is missing');
  }

  #value(): void {
    this.#take(BLANKS);
    if (this.#takeText('[')) {
      this.#several(']', () => {
        this.#value();
      });
    } else if (this.#takeText('{')) {
      this.#several('}', () => {
        this.#path();
        this.#expect('=');
        this.#value();
      });
    } else if (!this.#string()) {
      const at = this.#at;
      const scalar = this.#take(SCALAR);
      if (scalar !== undefined && KNOWN_SCALAR.test(scalar)) return;
      this.#at = at;
      this.#fail('a value is missing or is none');
    }
  }

  /** What stands between brackets; a comma after the last is taken, as TOML 1.1 does for tables too. */
  #several(end: ']' | '}', one: () => void): void {
    if (++this.#depth > MAX_DEPTH) this.#fail('too many brackets within each other');
    this.#take(GAP);
    while (!this.#takeText(end)) {
      one();
      this.#take(GAP);
      if (!this.#takeText(',')) {
        this.#expect(end);
        break;
      }
      this.#take(GAP);
    }
    this.#depth--;
  }

  #string(): boolean {
    const quote = this.text[this.#at];
    if (quote !== '"' && quote !== "'") return false;
    const long = this.text.startsWith(quote.repeat(3), this.#at);
    const pattern = quote === '"' ? (long ? LONG_BASIC : BASIC) : long ? LONG_LITERAL : LITERAL;
    if (this.#take(pattern) === undefined) this.#fail('a text does not end');
    return true;
  }

  #isAtLineEnd(): boolean {
    return this.#at >= this.text.length || /^(?:#|\r?\n)/.test(this.text.slice(this.#at, this.#at + 2));
  }

  #endLine(): void {
    this.#take(BLANKS);
    this.#take(COMMENT);
    if (this.#take(NEWLINE) === undefined && this.#at < this.text.length)
      this.#fail('the line goes on where it should end');
  }

  #expect(what: string): void {
    if (!this.#takeText(what)) this.#fail(`"${what}" is missing`);
  }

  #takeText(what: string): boolean {
    if (!this.text.startsWith(what, this.#at)) return false;
    this.#at += what.length;
    return true;
  }

  /** @param pattern sticky */
  #take(pattern: RegExp): string | undefined {
    const own = new RegExp(pattern);
    own.lastIndex = this.#at;
    const taken = own.exec(this.text)?.[0];
    this.#at += taken?.length ?? 0;
    return taken;
  }

  #fail(what: string): never {
    throw new ConfigFileError(`is not valid TOML (line ${lineOf(this.text, this.#at)}: ${what})`);
  }
}

/** Of a quoted key; what JSON does not escape like TOML (`\UXXXXXXXX`, `\e`) is left as it is written. */
function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
