import type { Node } from 'jsonc-parser';
import type { ConfigProblem } from '../model/definition.js';
import { position, readJson } from './json.js';

/** One group of servers of a config file, not checked yet. */
export interface McpFileGroup {
  readonly servers: unknown;
  /** The key that they are under; the place for `parseServers`. */
  readonly place: 'servers' | 'mcpServers';
}

/** The servers of a config file, not checked yet, or why they could not be had. */
export type McpFile =
  | {
      /** One at least. No id is in two of them. */
      readonly groups: readonly McpFileGroup[];
      /** Servers that are written twice. */
      readonly warnings: readonly ConfigProblem[];
    }
  | { readonly problem: ConfigProblem };

/**
 * Reads the text of an `mcp.json`: JSON with comments and trailing commas, as VS Code allows them, with the servers
 * under `servers` (VS Code) or `mcpServers` (Claude Desktop and others), or both.
 * @param file name of the file, for messages
 */
export function parseMcpFile(text: string, file: string): McpFile {
  const problem = (message: string, path = file): McpFile => ({
    problem: { path, server: undefined, severity: 'error', message },
  });
  if (text.trim() === '') return problem(`${file} is empty. Write { "servers": { … } }.`);
  const json = readJson(text, 'jsonc');
  if ('fault' in json) {
    const { line, column, what } = json.fault;
    return problem(
      `${file} is not valid JSON at line ${line}, column ${column}: ${what}. Correct it there.`,
      `${file}:${line}:${column}`,
    );
  }
  const { root } = json;
  if (root.type !== 'object') return problem(`${file} does not hold an object. Write { "servers": { … } }.`);
  const content = json.value as Readonly<Record<string, unknown>>;
  const [first, second] = (['servers', 'mcpServers'] as const)
    .filter((key) => Object.hasOwn(content, key))
    .map((place): McpFileGroup => ({ place, servers: content[place] }));
  if (!first)
    return problem(`${file} has neither "servers" nor "mcpServers". Put the servers under "servers".`);
  const warnings = [first, ...(second ? [second] : [])].flatMap(({ place }) =>
    repeatedServers(root, place, text, file),
  );
  if (!second) return { groups: [first], warnings };
  const own = withoutIdsOf(first.servers, second.servers);
  const inBoth = own.left.map((id): ConfigProblem => ({
    path: `${second.place}.${id}`,
    server: id,
    severity: 'warning',
    message: `"${id}" is under "${first.place}" and under "${second.place}" in ${file}; the one under "${first.place}" is used. Rename or remove one.`,
  }));
  return { groups: [first, { ...second, servers: own.servers }], warnings: [...warnings, ...inBoth] };
}

/** Servers without those whose id is among others. */
function withoutIdsOf(others: unknown, servers: unknown): { servers: unknown; left: readonly string[] } {
  if (!isEntries(others) || !isEntries(servers)) return { servers, left: [] };
  const kept = Object.entries(servers).filter(([id]) => !Object.hasOwn(others, id));
  const left = Object.keys(servers).filter((id) => Object.hasOwn(others, id));
  return { servers: Object.fromEntries(kept), left };
}

const isEntries = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keyOf = (property: Node): unknown => property.children?.[0]?.value;

function repeatedServers(root: Node, place: string, text: string, file: string): ConfigProblem[] {
  // The last one counts, as in `JSON.parse`.
  const servers = root.children?.findLast((property) => keyOf(property) === place)?.children?.[1];
  const seen = new Set<unknown>();
  const warnings: ConfigProblem[] = [];
  for (const property of servers?.type === 'object' ? (servers.children ?? []) : []) {
    const id = keyOf(property);
    if (typeof id === 'string' && seen.has(id)) {
      const { line } = position(text, property.offset);
      warnings.push({
        path: `${place}.${id}`,
        server: id,
        severity: 'warning',
        message: `"${id}" is there twice in ${file}; the one at line ${line} is used. Rename or remove one.`,
      });
    }
    seen.add(id);
  }
  return warnings;
}
