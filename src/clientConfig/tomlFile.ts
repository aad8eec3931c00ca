import type { Entry } from './clients.js';
import { ConfigFileError } from './configFileError.js';
import { scanToml, type Statement } from './tomlScan.js';

const SERVERS = 'mcp_servers';

/** A whole file with one server in it. */
export const tomlFile = (name: string, entry: Entry): string =>
  [
    `[${SERVERS}.${name}]`,
    ...Object.entries(entry).map(([key, value]) => `${key} = ${valueText(value)}`),
    '',
  ].join('\n');

/**
 * The text of a file with the table added at its end, or put in the place of the one of that name. Everything else,
 * comments and spaces too, stays as it is.
 * @param name letters, digits, `-` and `_` only
 * @throws ConfigFileError
 */
export function mergeToml(text: string, name: string, entry: Entry): { text: string; replaces: boolean } {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const table = tomlFile(name, entry).replaceAll('\n', eol);
  const statements = scanToml(text);
  refuseDuplicates(statements);
  // Such a value is complete: TOML lets no table be added to it.
  if (statements.some(({ kind, path }) => kind !== 'table' && path.length === 1 && path[0] === SERVERS))
    throw new ConfigFileError(
      `sets "${SERVERS}" as one value, so that the table [${SERVERS}.${name}] has to be added by hand`,
    );

  const old = statements.filter(({ path }) => path[0] === SERVERS && path[1] === name);
  // Before a key there is no place for a table: the keys after it would be the table's.
  const place = old.find(({ kind }) => kind !== 'key')?.start;
  let merged = '';
  let at = 0;
  for (const { start, end } of old) {
    merged += text.slice(at, start);
    if (start === place) merged += table;
    at = end;
  }
  merged += text.slice(at);
  if (place === undefined) {
    if (merged !== '' && !merged.endsWith('\n')) merged += eol;
    merged += merged.trim() === '' ? table : `${eol}${table}`;
  }
  return { text: merged, replaces: old.length > 0 };
}

/** Codex refuses a file that says something twice, and would then blame the entry that was added last. */
function refuseDuplicates(statements: readonly Statement[]): void {
  const repeated = new Set(statements.flatMap(({ kind, path }) => (kind === 'tables' ? [idOf(path)] : [])));
  const seen = new Set<string>();
  for (const { path } of statements) {
    // What is in one of several tables may be in the next of them too.
    if (path.some((_part, index) => repeated.has(idOf(path.slice(0, index + 1))))) continue;
    const id = idOf(path);
    if (seen.has(id)) throw new ConfigFileError(`is not valid TOML ("${path.join('.')}" is there twice)`);
    seen.add(id);
  }
}

const idOf = (path: readonly string[]): string => JSON.stringify(path);

function valueText(value: Entry[string]): string {
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) return `[${value.map(quoted).join(', ')}]`;
  const pairs = Object.entries(value).map(([key, text]) => `${key} = ${quoted(text)}`);
  return `{ ${pairs.join(', ')} }`;
}

const isList = (value: Exclude<Entry[string], string>): value is readonly string[] => Array.isArray(value);

/** JSON's escapes are all TOML's too, but TOML has no lone surrogates and wants DEL escaped; no other control is left either. */
const quoted = (text: string): string =>
  JSON.stringify(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
