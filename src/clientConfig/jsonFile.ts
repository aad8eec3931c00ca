import { isDeepStrictEqual } from 'node:util';
import {
  findNodeAtLocation,
  type Node,
  parse,
  type ParseError,
  parseTree,
  printParseErrorCode,
  stripComments,
} from 'jsonc-parser';
import type { Entry } from './clients.js';
import { ConfigFileError, lineOf } from './configFileError.js';

const SERVERS = 'mcpServers';
/** Some clients take it, so that people write it. */
const OPTIONS = { allowTrailingComma: true };

/** A whole file with one server in it. */
export const jsonFile = (name: string, entry: Entry): string =>
  `${JSON.stringify({ [SERVERS]: { [name]: entry } }, null, 2)}\n`;

/**
 * The text of a file with the entry added, or put in the place of the one of that name. Everything else, comments and
 * spaces too, stays as it is.
 * @throws ConfigFileError
 */
export function mergeJson(text: string, name: string, entry: Entry): { text: string; replaces: boolean } {
  if (text.trim() === '') return { text: jsonFile(name, entry), replaces: false };
  const before = serversOf(text);
  const merged = withEntry(text, name, entry);
  const expected = { ...before.file, [SERVERS]: { ...before.servers, [name]: entry } };
  // Names that stand twice: what came out is looked at rather than foreseen.
  if (!isDeepStrictEqual(serversOf(merged).file, expected))
    throw new ConfigFileError(`names something twice, so that the entry "${name}" has to be added by hand`);
  return { text: merged, replaces: Object.hasOwn(before.servers, name) };
}

/** By hand, because jsonc-parser's own `modify` also formats the lines around, and lets their comments change places. */
function withEntry(text: string, name: string, entry: Entry): string {
  const style = styleOf(text);
  const root = parseTree(text, [], OPTIONS);
  const servers = root && findNodeAtLocation(root, [SERVERS]);
  const old = servers && findNodeAtLocation(servers, [name]);
  if (old) return splice(text, old.offset, old.offset + old.length, valueText(entry, 2, style));
  if (servers) return withProperty(text, servers, name, entry, 2, style);
  return root ? withProperty(text, root, SERVERS, { [name]: entry }, 1, style) : text;
}

/** @param depth how far the object's properties are indented */
function withProperty(
  text: string,
  object: Node,
  name: string,
  value: unknown,
  depth: number,
  style: Style,
): string {
  const closing = object.offset + object.length - 1;
  const end = text.slice(0, closing).trimEnd().length;
  const property = `${JSON.stringify(name)}: ${valueText(value, depth, style)}`;
  const rest = text.slice(end, closing);
  const added =
    style.eol +
    style.indent.repeat(depth) +
    property +
    (rest.includes('\n') ? rest : style.eol + style.indent.repeat(depth - 1));
  const result = splice(text, end, closing, added);

  const last = object.children?.at(-1);
  if (!last) return result;
  const lastEnd = last.offset + last.length;
  // A comma that a comment has is none; one after the last property is allowed.
  const hasComma = stripComments(text.slice(lastEnd, closing)).includes(',');
  return hasComma ? result : splice(result, lastEnd, lastEnd, ',');
}

const splice = (text: string, start: number, end: number, inserted: string): string =>
  text.slice(0, start) + inserted + text.slice(end);

const valueText = (value: unknown, depth: number, { indent, eol }: Style): string =>
  JSON.stringify(value, null, indent).replaceAll('\n', eol + indent.repeat(depth));

type JsonObject = Readonly<Record<string, unknown>>;

function serversOf(text: string): { file: JsonObject; servers: JsonObject } {
  const errors: ParseError[] = [];
  const file: unknown = parse(text, errors, OPTIONS);
  const [first] = errors;
  if (first) {
    const what = printParseErrorCode(first.error).replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
    throw new ConfigFileError(
      `is not valid JSON (line ${lineOf(text, first.offset)}: ${what.toLowerCase()})`,
    );
  }
  if (!isObject(file)) throw new ConfigFileError('is not a JSON object');
  const servers = Object.hasOwn(file, SERVERS) ? file[SERVERS] : {};
  if (!isObject(servers)) throw new ConfigFileError(`has something else than an object as "${SERVERS}"`);
  return { file, servers };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How a file is written so far. */
interface Style {
  readonly indent: string;
  readonly eol: string;
}

const styleOf = (text: string): Style => ({
  indent: /^([ \t]+)["{}[\]]/m.exec(text)?.[1] ?? '  ',
  eol: text.includes('\r\n') ? '\r\n' : '\n',
});
