import { getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';

/** Where and how a text is not JSON; line and column are counted from 1, as editors show them. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** Such as "comma expected". */
  readonly what: string;
}

/**
 * Reads JSON. Its objects have no prototype, so that a key `__proto__` is a key like any other.
 * @param style `jsonc`: with comments and trailing commas, as in VS Code's own files
 */
export function readJson(
  text: string,
  style: 'json' | 'jsonc',
): { readonly value: unknown; readonly root: Node } | { readonly fault: JsonFault } {
  const errors: ParseError[] = [];
  const loose = style === 'jsonc';
  try {
    const root = parseTree(text, errors, { allowTrailingComma: loose, disallowComments: !loose });
    const [first] = errors;
    if (first !== undefined || root === undefined)
      return { fault: { ...position(text, first?.offset ?? 0), what: inWords(first) } };
    return { root, value: getNodeValue(root) };
  } catch (error) {
    // The parser calls itself for every level.
    if (!(error instanceof RangeError)) throw error;
    return { fault: { line: 1, column: 1, what: 'nested too deeply' } };
  }
}

/** Line and column of an offset, counted from 1. */
export function position(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** `CommaExpected` → `comma expected` */
const inWords = (error: ParseError | undefined): string =>
  error === undefined
    ? 'value expected'
    : printParseErrorCode(error.error)
        .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
        .toLowerCase();
