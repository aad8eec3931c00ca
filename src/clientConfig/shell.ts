/** `sh`: every POSIX shell. `windows`: what PowerShell and cmd read alike. */
export type Shell = 'sh' | 'windows';

/**
 * A command line that a shell takes apart into exactly these words; `undefined` where it could not be pasted safely.
 * For `windows` every word is one that PowerShell and cmd understand alike: nobody knows which of them it is pasted into.
 */
export function commandLine(words: readonly string[], shell: Shell): string | undefined {
  const quoted = words.map(shell === 'sh' ? quoteForSh : quoteForWindows);
  return quoted.includes(undefined) ? undefined : quoted.join(' ');
}

/** A terminal acts on control characters before any shell sees them. */
const CONTROL = /\p{Cc}/u;

/** No leading `=`, which zsh replaces by the path of a program. */
const PLAIN_FOR_SH = /^[\w%+:,./@-][\w%+:,./@=-]*$/;

function quoteForSh(word: string): string | undefined {
  if (CONTROL.test(word)) return undefined;
  return PLAIN_FOR_SH.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** No `--`, which PowerShell keeps for itself when the program is a script, as npm's are. */
const PLAIN_FOR_WINDOWS = /^(?!--$)[\w.:\\/+-]+$/;
/** Replaced by PowerShell (`$`, the backtick), by cmd (`%`, `!`, `^`), or the end of a quoted word for either of them. */
const SPECIAL_ON_WINDOWS = /["$`%!^\u201c-\u201e]|\\$/;

function quoteForWindows(word: string): string | undefined {
  if (CONTROL.test(word) || SPECIAL_ON_WINDOWS.test(word)) return undefined;
  return PLAIN_FOR_WINDOWS.test(word) ? word : `"${word}"`;
}
