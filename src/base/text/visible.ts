/**
 * Characters that are not seen, that change the order in which others are seen, or that steer a terminal: controls, format
 * and tag characters, variation selectors, fillers, blank Braille, line separators, lone surrogates, private use and what no
 * Unicode version of this runtime knows. Tab and line break are left to those who ask.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Scripts that are written with joiners. */
const JOINING =
  '\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Nkoo}\\p{scx=Mong}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}';

/** What belongs to a letter or an emoji: a joiner between two of them, and one variation selector behind one. */
const KEPT = [
  `(?<=[${JOINING}])[\\u200c\\u200d](?=[${JOINING}])`,
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=\\p{Extended_Pictographic})',
  '(?<=[\\p{Emoji}\\p{Extended_Pictographic}])[\\ufe0e\\ufe0f](?![\\ufe00-\\ufe0f])',
  '(?<=\\p{Script=Mong})[\\u180b-\\u180f](?![\\u180b-\\u180f])',
].join('|');

const IN_NAMES = new RegExp(HIDDEN.source, 'gu');
const IN_LINE = new RegExp(`(?!${KEPT})${HIDDEN.source}`, 'gu');
const IN_LINES = new RegExp(`(?!${KEPT})(?![\\t\\n])${HIDDEN.source}`, 'gu');

/**
 * `lines`: running text, whose line breaks and tabs stay. `line`: running text on one line; white space becomes one space.
 * `name`: one line in which every character counts; joiners are shown too.
 */
export type VisibleAs = 'lines' | 'line' | 'name';

/**
 * A text of others (servers, clients, models, settings) as people may read it: each character that is not seen is written
 * as its escape, `\u202e`, as JSON has it. What looks the same is the same, and nothing can steer a terminal. In linear time.
 */
export function visible(text: string, as: VisibleAs = 'lines'): string {
  if (as === 'name') return text.replace(IN_NAMES, escapes);
  // The byte order mark and the line separators are white space to a pattern, but are not seen.
  if (as === 'line')
    return text
      .replace(/[^\S\ufeff\u2028\u2029]+/g, ' ')
      .trim()
      .replace(IN_LINE, escapes);
  return text.replace(/\r\n/g, '\n').replace(IN_LINES, escapes);
}

/** Whether a text has characters that a reader would not see. */
export const hasHidden = (text: string): boolean => HIDDEN.test(text);

const escapes = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => escape(character.charCodeAt(index))).join('');

const escape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** As `visible`, for a log or a terminal: further lines are indented, so that none can pass for a message of its own. */
export const visibleMessage = (text: string): string => visible(text).replace(/\n/g, '\n    ');

const TAGS = /[\u{e0000}-\u{e007f}]+/gu;
const SELECTORS_IN_BULK = /(?<=[\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu;

/** In JSON: a backslash itself, or a surrogate without its other half, which `JSON.stringify` writes so. */
const LONE_SURROGATE = /\\\\|\\ud[89a-f][\da-f]{2}/g;

/**
 * A text for models without what can carry words that no person sees: tag characters, and variation selectors beyond the one
 * that a character can have. All else stays as it is; but where something is taken out, halves of characters become U+FFFD,
 * because two that come together would be such a character again.
 */
export function withoutTags(text: string): string {
  const stripped = stripTags(text);
  return stripped.length === text.length ? text : stripTags(text.replace(/\p{Cs}/gu, '\ufffd'));
}

/** Selectors last: two with a tag between them are in bulk too. */
const stripTags = (text: string): string => text.replace(TAGS, '').replace(SELECTORS_IN_BULK, '');

/**
 * The same for all texts in a JSON value.
 * @param json the value as `JSON.stringify` writes it, where that is known
 * @returns the value itself where it has none
 */
export function withoutTagsIn<T>(value: T, json = JSON.stringify(value) as string | undefined): T {
  if (json === undefined) return value;
  const stripped = stripTags(json);
  if (stripped.length === json.length) return value;
  const whole = stripped.replace(LONE_SURROGATE, (found) => (found === '\\\\' ? found : '\\ufffd'));
  return JSON.parse(whole) as T;
}
