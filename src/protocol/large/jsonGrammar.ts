/** The bytes of JSON (RFC 8259), and what each may mean, for readers that take it byte by byte. */
export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

const MINUS_SIGN = 0x2d;
const DIGIT_ZERO = 0x30;

/** Parts of a number. */
const MINUS = 1;
const ZERO = 2;
const INTEGER = 3;
const POINT = 4;
const FRACTION = 5;
const EXPONENT = 6;
const SIGN = 7;
const POWER = 8;

/** Where kinds of bytes lead from each part of a number (RFC 8259, 6). */
const NUMBER_PATHS = [
  [MINUS, '0', ZERO],
  [MINUS, '123456789', INTEGER],
  [ZERO, '.', POINT],
  [ZERO, 'eE', EXPONENT],
  [INTEGER, '0123456789', INTEGER],
  [INTEGER, '.', POINT],
  [INTEGER, 'eE', EXPONENT],
  [POINT, '0123456789', FRACTION],
  [FRACTION, '0123456789', FRACTION],
  [FRACTION, 'eE', EXPONENT],
  [EXPONENT, '+-', SIGN],
  [EXPONENT, '0123456789', POWER],
  [SIGN, '0123456789', POWER],
  [POWER, '0123456789', POWER],
] as const;

/** Whether a number may end after this part. */
export const endsNumber = (part: number): boolean =>
  part === ZERO || part === INTEGER || part === FRACTION || part === POWER;

/** What each byte may mean, by byte. */
export interface Grammar {
  /** 1 for bytes that mean themselves inside a text. */
  readonly plain: Uint8Array;
  readonly hexDigits: Uint8Array;
  /** What may follow a backslash. */
  readonly escaped: Uint8Array;
  /** With which part a number begins; 0 for what begins none. */
  readonly beginsNumber: Uint8Array;
  /** By part of a number × 256 and byte: the next part; 0: it has ended. */
  readonly inNumber: Uint8Array;
  /** By first byte. */
  readonly literals: ReadonlyMap<number, Uint8Array>;
}

/** Made once for as many scanners as there may be. */
export function makeGrammar(): Grammar {
  const plain = new Uint8Array(256).fill(1, SPACE);
  plain[QUOTE] = plain[BACKSLASH] = 0;
  const beginsNumber = tableOf('123456789', INTEGER);
  beginsNumber[MINUS_SIGN] = MINUS;
  beginsNumber[DIGIT_ZERO] = ZERO;
  const inNumber = new Uint8Array((POWER + 1) * 256);
  for (const [from, bytes, to] of NUMBER_PATHS)
    for (const byte of Buffer.from(bytes)) inNumber[from * 256 + byte] = to;
  return {
    plain,
    hexDigits: tableOf('0123456789abcdefABCDEF'),
    escaped: tableOf('"\\/bfnrtu'),
    beginsNumber,
    inNumber,
    literals: new Map(['true', 'false', 'null'].map((text) => [text.charCodeAt(0), Buffer.from(text)])),
  };
}

function tableOf(bytes: string, value = 1): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(bytes)) table[byte] = value;
  return table;
}

const ALL = 0x01010101;
const HIGH = 0x80808080;
const WORD = 4;

/**
 * Passes bytes that mean themselves inside a text, four at a time: in a word, `(x - n) & ~x & HIGH` is not 0 where a byte of
 * it may be below `n`. @returns where it stopped: near the next that is something else, or at the end
 */
export function skipPlain(bytes: Uint8Array, start: number, { plain }: Grammar): number {
  let at = start;
  while ((bytes.byteOffset + at) % WORD !== 0) {
    if (at === bytes.length || plain[bytes[at] as number] !== 1) return at;
    at++;
  }
  const count = Math.floor((bytes.length - at) / WORD);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, count);
  let index = 0;
  while (index < count) {
    const word = words[index] as number;
    const quote = word ^ (QUOTE * ALL);
    const backslash = word ^ (BACKSLASH * ALL);
    const special =
      (((word - SPACE * ALL) & ~word) | ((quote - ALL) & ~quote) | ((backslash - ALL) & ~backslash)) & HIGH;
    if (special !== 0) break;
    index++;
  }
  at += index * WORD;
  if (index === count) while (at < bytes.length && plain[bytes[at] as number] === 1) at++;
  return at;
}
