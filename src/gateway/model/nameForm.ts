/** How public names are written for one kind of client. */
export interface NameForm {
  /** Characters of the longest name, between `MIN_NAME_LENGTH` and 64. */
  readonly maxLength: number;
  /** `kept`: as servers write them, `[A-Za-z0-9_-]`; `lower`: `[a-z0-9_-]` only. */
  readonly letterCase: 'lower' | 'kept';
}

/**
 * The names of `@mcp`, the command line and clients of which nothing is known: VS Code takes 64 characters of `[a-z0-9_-]`,
 * up to 18 of which are a prefix of its own.
 */
export const CANONICAL_NAMES: NameForm = { maxLength: 46, letterCase: 'lower' };
