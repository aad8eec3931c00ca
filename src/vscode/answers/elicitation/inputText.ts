import { visible } from '../../../base/text/visible.js';
import { cut } from '../../chat/render.js';
import type { Field } from './fields.js';

/** A longer message is shown as a whole before the first step, where it would be cut. */
export const MAX_HINT = 120;
const MAX_ABOUT = 300;
const MAX_MESSAGE = 4000;

/**
 * Words of a server for an input that VS Code shows: there it makes links of `[…](…)`, of commands too, and icons of
 * `$(…)`. On one line.
 */
export const inputText = (text: string, max: number): string =>
  cut(visible(text, 'line'), max).replace(/[[\]]/g, ' ').replaceAll('$(', '$ (');

/** What a server says of its form, for a dialog that shows plain text of several lines. */
export const messageText = (said: unknown): string =>
  typeof said === 'string' ? cut(visible(said.trim()), MAX_MESSAGE) : '';

/** What the field shall hold, in a few words, and what the server said of the whole form. */
export function hintOf({ title, description, required }: Field, message: string): string {
  const optional = required ? '' : ' (optional)';
  const about = description === undefined ? '' : `: ${inputText(description, MAX_ABOUT)}`;
  return `${inputText(title, MAX_HINT)}${optional}${about} (${inputText(message, MAX_HINT)})`;
}
