import { variablesIn, type Variable } from '../../gateway/config/variables.js';

/** The fields of a server's entry in which variables are replaced. */
const FIELDS = ['command', 'args', 'env', 'envFile', 'cwd', 'url', 'headers'] as const;

/** The variables that a server's entry reads, each once, of whatever shape the entry is. */
export function entryVariables(entry: unknown): readonly Variable[] {
  const found = new Map<string, Variable>();
  for (const text of textsOf(entry))
    for (const variable of variablesIn(text)) found.set(variable.text, variable);
  return [...found.values()];
}

function textsOf(entry: unknown): readonly string[] {
  if (typeof entry !== 'object' || entry === null) return [];
  return FIELDS.flatMap((field): unknown[] => {
    const value: unknown = Object.hasOwn(entry, field)
      ? (entry as Readonly<Record<string, unknown>>)[field]
      : undefined;
    return typeof value === 'object' && value !== null ? Object.values(value) : [value];
  }).filter((value): value is string => typeof value === 'string');
}
