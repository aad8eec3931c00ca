import {
  BACKSLASH,
  CARRIAGE_RETURN,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endsNumber,
  LINE_FEED,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipPlain,
  SPACE,
  TAB,
  type Grammar,
} from './jsonGrammar.js';

/** How deep arrays and objects may lie in each other; what is deeper breaks readers that recurse. */
export const MAX_JSON_DEPTH = 1000;

/** Bytes of a text that are looked at one by one before four at once, which takes longer to begin. */
const NEAR = 64;

/** The deepest level whose keys and values are told of: the members of a member of the object. */
const SHALLOW = 2;

// What may come next.
const TOP = 0;
const VALUE = 1;
const VALUE_OR_CLOSE = 2;
const KEY = 3;
const KEY_OR_CLOSE = 4;
const KEY_END = 5;
const AFTER = 6;
const END = 7;
const STRING = 8;
const ESCAPE = 9;
const HEX = 10;
const NUMBER = 11;
const LITERAL = 12;
const INVALID = 13;

/**
 * Reads one JSON object as its bytes pass and keeps none of them. Takes exactly what `JSON.parse` takes, but for nesting
 * beyond `MAX_JSON_DEPTH`. That the bytes are UTF-8 is for others to see to.
 */
export abstract class JsonScanner {
  #state = TOP;
  #depth = 0;
  /** By depth: 1 in an object, 0 in an array. */
  readonly #kinds = new Uint8Array(MAX_JSON_DEPTH + 1);
  #inKey = false;
  #hexLeft = 0;
  #number = 0;
  readonly #grammar: Grammar;
  #literal: Uint8Array | undefined;
  #literalAt = 0;
  #tooDeep = false;

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  /** Whether all of it has passed. */
  get complete(): boolean {
    return this.#state === END;
  }

  /** Whether what passed is not the beginning of any JSON object. */
  get invalid(): boolean {
    return this.#state === INVALID;
  }

  /** Whether it is invalid because it lies deeper than `MAX_JSON_DEPTH`. */
  get tooDeep(): boolean {
    return this.#tooDeep;
  }

  // These are told of the first levels only. @param at in the bytes in hand @param depth of what holds it: 1 for the object itself

  /** @param at right after its first quote */
  protected abstract keyBegan(at: number, depth: number): void;
  /** @param at right after its last quote */
  protected abstract keyEnded(at: number, depth: number): void;
  /** @param byte its first */
  protected abstract valueBegan(at: number, depth: number, byte: number): void;
  /** @param at right after its last byte */
  protected abstract valueEnded(at: number, depth: number): void;

  /** Takes the next bytes. Line breaks between the parts of JSON become spaces in place, so that it fits into one line. */
  protected scan(bytes: Uint8Array): void {
    const end = bytes.length;
    const kinds = this.#kinds;
    const { plain, hexDigits, escaped, beginsNumber, inNumber, literals } = this.#grammar;
    let state = this.#state;
    let depth = this.#depth;
    let at = 0;
    while (at < end) {
      let byte = bytes[at] as number;
      if (state === STRING) {
        const near = Math.min(end, at + NEAR);
        while (plain[byte] === 1 && ++at < near) byte = bytes[at] as number;
        if (at === end) break;
        if (at === near) {
          at = skipPlain(bytes, at, this.#grammar);
          continue;
        }
        at++;
        if (byte === BACKSLASH) state = ESCAPE;
        else if (byte !== QUOTE) state = INVALID;
        else if (this.#inKey) {
          state = KEY_END;
          if (depth <= SHALLOW) this.keyEnded(at, depth);
        } else {
          state = AFTER;
          if (depth <= SHALLOW) this.valueEnded(at, depth);
        }
      } else if (state === NUMBER) {
        let part = this.#number;
        for (;;) {
          const next = inNumber[part * 256 + byte] as number;
          if (next === 0) break;
          part = next;
          if (++at === end) break;
          byte = bytes[at] as number;
        }
        this.#number = part;
        if (at === end) break;
        state = endsNumber(part) ? AFTER : INVALID;
        if (depth <= SHALLOW && state === AFTER) this.valueEnded(at, depth);
      } else if (state === ESCAPE) {
        at++;
        if (byte === 0x75) {
          this.#hexLeft = 4;
          state = HEX;
        } else state = escaped[byte] === 1 ? STRING : INVALID;
      } else if (state === HEX) {
        at++;
        if (hexDigits[byte] !== 1) state = INVALID;
        else if (--this.#hexLeft === 0) state = STRING;
      } else if (state === LITERAL) {
        if (byte !== this.#literal?.[this.#literalAt]) {
          state = INVALID;
          break;
        }
        at++;
        if (++this.#literalAt === this.#literal.length) {
          state = AFTER;
          if (depth <= SHALLOW) this.valueEnded(at, depth);
        }
      } else if (byte === SPACE || byte === TAB) {
        at++;
      } else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
        bytes[at++] = SPACE;
      } else if (state === AFTER) {
        if (byte === COMMA) {
          state = kinds[depth] === 1 ? KEY : VALUE;
          at++;
        } else if (byte === (kinds[depth] === 1 ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          at++;
          state = --depth === 0 ? END : AFTER;
          if (depth <= SHALLOW) this.valueEnded(at, depth);
        } else state = INVALID;
      } else if (state === KEY || (state === KEY_OR_CLOSE && byte !== CLOSE_OBJECT)) {
        if (byte === QUOTE) {
          at++;
          this.#inKey = true;
          if (depth <= SHALLOW) this.keyBegan(at, depth);
          state = STRING;
        } else state = INVALID;
      } else if (state === KEY_END) {
        state = byte === COLON ? VALUE : INVALID;
        at++;
      } else if (state === KEY_OR_CLOSE || (state === VALUE_OR_CLOSE && byte === CLOSE_ARRAY)) {
        at++;
        state = --depth === 0 ? END : AFTER;
        if (depth <= SHALLOW) this.valueEnded(at, depth);
      } else if (state === END || (state === TOP && byte !== OPEN_OBJECT)) {
        state = INVALID;
      } else {
        // A value begins.
        if (depth <= SHALLOW) this.valueBegan(at, depth, byte);
        at++;
        if (byte === QUOTE) {
          this.#inKey = false;
          state = STRING;
        } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
          if (depth === MAX_JSON_DEPTH) {
            this.#tooDeep = true;
            state = INVALID;
          } else {
            kinds[++depth] = byte === OPEN_OBJECT ? 1 : 0;
            state = byte === OPEN_OBJECT ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
          }
        } else if (beginsNumber[byte] !== 0) {
          this.#number = beginsNumber[byte] as number;
          state = NUMBER;
        } else {
          this.#literal = literals.get(byte);
          this.#literalAt = 1;
          state = this.#literal ? LITERAL : INVALID;
        }
      }
      if (state === INVALID) break;
    }
    this.#state = state;
    this.#depth = depth;
  }
}
