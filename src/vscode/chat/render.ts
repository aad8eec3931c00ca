import { visible } from '../../base/text/visible.js';

/** Text of others (servers, models, settings) made safe to stand in our Markdown. */

/**
 * Escapes all that Markdown, its tables, autolinks and formulas, or VS Code's `$(icon)` could read as formatting;
 * CommonMark takes a backslash before any ASCII punctuation. Line breaks become spaces.
 */
export const escapeMarkdown = (text: string): string =>
  visible(text, 'line').replace(/[\\`*_{}[\]()#+\-.!|<>~$&:@=^]/g, '\\$&');

/** One line, escaped, for a table or a list. */
export const cell = (text: string, maxLength = 200): string => escapeMarkdown(cut(text, maxLength));

/** A code block that its content cannot end: the fence is longer than any run of backticks in it. */
export function fence(text: string, language = ''): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return `${ticks}${language}\n${text}\n${ticks}`;
}

/** At most `max` characters, the last an ellipsis when something was cut. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${wholeCharacters(text, max - 1)}…`;

/** At most `max` characters of the text, and a sentence that says how much is missing. */
export const cutWithNote = (text: string, max: number): string =>
  text.length <= max
    ? text
    : `${wholeCharacters(text, max)}\n[${text.length - max} of ${text.length} characters are left out here.]`;

/** Does not leave half of a surrogate pair behind. */
function wholeCharacters(text: string, length: number): string {
  const end = length > 0 && /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end);
}

/** One line of plain text for a button or a quick pick, which would show `$(…)` as an icon. */
export const buttonText = (text: string, maxLength = 60): string =>
  cut(visible(text, 'line'), maxLength).replaceAll('$(', '$ (');

/** The first line with something on it. */
export const firstLine = (text: string): string => /\S.*/.exec(text)?.[0].trim() ?? '';

/** A Markdown link that runs a command; works only where the text around it is trusted with that command. */
export function commandLink(label: string, command: string, ...args: readonly unknown[]): string {
  // Parentheses, which would end the link, are not encoded by encodeURIComponent.
  const query = encodeURIComponent(JSON.stringify(args)).replace(
    /[()'!*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `[${escapeMarkdown(label)}](command:${command}${args.length > 0 ? `?${query}` : ''})`;
}

/** A Markdown table; the cells are escaped already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
