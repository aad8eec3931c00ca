import { cut, showHidden } from '../../chat/render.js';
import type { Field } from './fields.js';

/** A longer message is shown as a whole before the first step, where it would be cut. */
export const MAX_HINT = 120;
const MAX_ABOUT = 300;

/**
 * Words of a server for an input that VS Code shows: there it makes links of `[…](…)`, of commands too, and icons of
 * `$(…)`. On one line.
 */
export const inputText = (text: string, max: number): string =>
  cut(showHidden(text.replace(/\s+/g, ' ').trim()), max)
    .replace(/[[\]]/g, ' ')
    .replaceAll('$(', '$ (');

/** What the field shall hold, in a few words, and what the server said of the whole form. */
export function hintOf({ title, description, required }: Field, message: string): string {
  const optional = required ? '' : ' (optional)';
  const about = description === undefined ? '' : `: ${inputText(description, MAX_ABOUT)}`;
  return `${inputText(title, MAX_HINT)}${optional}${about} (${inputText(message, MAX_HINT)})`;
}
