import type { ChoicesField, FieldValue, NumberField, TextField, TextFormat } from './fields.js';

/** What was typed as a value, `undefined` for a field that is left out, or what is wrong with it in one sentence. */
export type Checked = { readonly value: FieldValue | undefined } | { readonly problem: string };

/** Reads what was typed into a field. */
export const checkTyped = (field: TextField | NumberField, typed: string): Checked =>
  typed.trim() === '' && !field.required
    ? { value: undefined }
    : field.kind === 'text'
      ? checkText(field, typed)
      : checkNumber(field, typed);

function checkText({ format, minLength, maxLength, required }: TextField, typed: string): Checked {
  // As JSON Schema counts: characters, not UTF-16 units.
  const { length } = Array.from(typed);
  if (required && typed === '' && minLength > 0) return { problem: 'Write something: the server needs it.' };
  if (length < minLength) return { problem: `Write at least ${minLength} characters; these are ${length}.` };
  if (length > maxLength) return { problem: `Write at most ${maxLength} characters; these are ${length}.` };
  if (format !== undefined && !hasFormat(format, typed))
    return { problem: `This must be ${FORMATS_IN_WORDS[format]}.` };
  return { value: typed };
}

function checkNumber({ integer, minimum, maximum }: NumberField, typed: string): Checked {
  const digits = typed.trim();
  const value = Number(digits);
  // `Number` takes an empty text, `0x10` and `Infinity`, which nobody means here.
  if (!/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(digits) || !Number.isFinite(value))
    return { problem: `Write a ${integer ? 'whole ' : ''}number, such as ${integer ? '12' : '1.5'}.` };
  if (integer && !Number.isSafeInteger(value)) return { problem: 'Write a whole number, such as 12.' };
  if (value < minimum) return { problem: `Write a number that is at least ${minimum}.` };
  if (value > maximum) return { problem: `Write a number that is at most ${maximum}.` };
  return { value };
}

/** Reads what was ticked; nothing ticked leaves an optional field out. */
export function checkTicked(field: ChoicesField, ticked: readonly string[]): Checked {
  const { minItems, maxItems, required } = field;
  if (ticked.length === 0 && !required) return { value: undefined };
  if (ticked.length < minItems) return { problem: `Tick at least ${minItems}; ${ticked.length} are ticked.` };
  if (ticked.length > maxItems) return { problem: `Tick at most ${maxItems}; ${ticked.length} are ticked.` };
  return { value: ticked };
}

const FORMATS_IN_WORDS: Readonly<Record<TextFormat, string>> = {
  email: 'an email address, such as name@example.com',
  uri: 'an address, such as https://example.com/',
  date: 'a date, such as 2026-01-31',
  'date-time': 'a date and time, such as 2026-01-31T12:00:00Z',
};

function hasFormat(format: TextFormat, typed: string): boolean {
  switch (format) {
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(typed);
    case 'uri':
      return URL.canParse(typed);
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(typed) && isDay(typed);
    case 'date-time': {
      const [, day = '', time = ''] =
        /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))$/i.exec(typed) ?? [];
      return isDay(day) && !Number.isNaN(Date.parse(`${day}T${time.toUpperCase()}`));
    }
  }
}

/** `Date` takes the 31st of February for the 3rd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
