import { hasHidden, visible } from '../../base/text/visible.js';
import type { ConfigProblem, DisabledServer, GatewayConfig, ServerDefinition } from '../model/definition.js';
import { disabledServer, isDisabled } from './disabled.js';
import { EntryProblems } from './entryProblems.js';
import { namedVariables } from './environment.js';
import type { ParseOptions } from './options.js';
import { limits } from './schema.js';
import { parseServer } from './server.js';

/**
 * Reads the servers of the settings, of `servers` in an `mcp.json` or of `mcpServers`. Whatever comes in, it answers:
 * each server becomes a definition or a problem, and none keeps another from running. `undefined` is no servers.
 */
export async function parseServers(raw: unknown, options: ParseOptions): Promise<GatewayConfig> {
  if (raw === undefined) return { definitions: [], problems: [] };
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return {
      definitions: [],
      problems: [placeProblem(options.place, 'must be an object of servers by name.')],
    };
  }
  const entries = Object.entries(raw);
  const parsed = await Promise.all(
    entries.slice(0, limits.servers).map(([id, entry]) => parseEntry(id, entry, options)),
  );
  const tooMany =
    entries.length > limits.servers
      ? [
          placeProblem(
            options.place,
            `has ${entries.length} servers; only the first ${limits.servers} are used.`,
          ),
        ]
      : [];
  return {
    definitions: parsed.flatMap(({ definition }) => definition ?? []),
    problems: [...parsed.flatMap(({ problems }) => problems), ...tooMany],
    disabled: parsed.flatMap(({ disabled }) => disabled ?? []),
    envNames: [...new Set(entries.slice(0, limits.servers).flatMap(([, entry]) => namedVariables(entry)))],
  };
}

const placeProblem = (place: string, what: string): ConfigProblem => ({
  path: place,
  server: undefined,
  severity: 'error',
  message: `"${place}" ${what} ${what.startsWith('must') ? 'Write { "name": { "command": … } }.' : 'Remove some.'}`,
});

interface ParsedEntry {
  readonly definition?: ServerDefinition;
  readonly disabled?: DisabledServer;
  readonly problems: readonly ConfigProblem[];
}

async function parseEntry(id: string, raw: unknown, options: ParseOptions): Promise<ParsedEntry> {
  const problems = new EntryProblems(id, options.place);
  const wrongId = checkId(id);
  if (isDisabled(raw))
    return { problems: [], ...(wrongId === undefined ? { disabled: disabledServer(id, raw) } : {}) };
  if (wrongId !== undefined) {
    return {
      problems: [
        {
          path: `${options.place}.${shown(id)}`,
          server: shown(id),
          severity: 'error',
          message: `The server name "${shown(id)}" ${wrongId} Give the server another name.`,
        },
      ],
    };
  }
  const definition = await parseServer(id, raw, options, problems);
  return definition === undefined ? { problems: problems.all } : { definition, problems: problems.all };
}

const shown = (id: string): string => visible(id.slice(0, limits.idLength), 'name');

function checkId(id: string): string | undefined {
  if (id.trim() === '') return 'is empty.';
  if (id.length > limits.idLength) return `is longer than ${limits.idLength} characters.`;
  if (hasHidden(id)) return 'has characters that are not seen.';
  // Ids become keys of plain objects in many a consumer, where this one would set the prototype.
  if (id === '__proto__') return 'cannot be used.';
  // Whoever reads `/mcp/..` takes it for `/`, also where it is encoded.
  if (id === '.' || id === '..') return 'cannot be part of an address.';
  return undefined;
}
