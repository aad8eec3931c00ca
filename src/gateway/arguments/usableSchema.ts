import type { SchemaDraft } from '@cfworker/json-schema';
import type { JsonSchema } from '../model/catalog.js';

/** Characters as JSON, and levels of nesting; beyond them a schema is not worth what checking it costs. */
const MAX_SIZE = 512 * 1024;
const MAX_DEPTH = 64;

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** Where JSON Schema (drafts 4 to 2020-12) has schemas inside of schemas. */
const SCHEMA_KEYWORDS = [
  ...['additionalItems', 'additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames'],
  ...['then', 'unevaluatedItems', 'unevaluatedProperties'],
];
const SCHEMA_LIST_KEYWORDS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SCHEMA_MAP_KEYWORDS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'];
const NUMBER_KEYWORDS = [
  ...[
    'maxItems',
    'maxLength',
    'maxProperties',
    'maximum',
    'minItems',
    'minLength',
    'minProperties',
    'minimum',
  ],
  ...['multipleOf', 'minContains', 'maxContains'],
];

/** True or false in draft 4, numbers since. */
const EXCLUSIVE_KEYWORDS = ['exclusiveMaximum', 'exclusiveMinimum'];

const DRAFTS: ReadonlyMap<string, SchemaDraft> = new Map([
  ['draft-04', '4'],
  ['draft-06', '7'],
  ['draft-07', '7'],
  ['draft/2019-09', '2019-09'],
  ['draft/2020-12', '2020-12'],
]);

/** A schema that a validator may have for its own, and the draft that it is written in. */
export interface UsableSchema {
  readonly schema: JsonSchema;
  readonly draft: SchemaDraft;
}

/**
 * A copy of a server's schema that can be checked against: only known keywords with values that they can have.
 * `format` is left out, because by JSON Schema 2020-12 it is an annotation, and servers use it as such.
 * @returns `undefined` when the schema is not valid, too large, or in a dialect that is not known
 */
export function usableSchema(schema: JsonSchema): UsableSchema | undefined {
  const draft = draftOf(schema.$schema);
  if (draft === undefined) return undefined;
  const json = JSON.stringify(schema);
  if (json.length > MAX_SIZE) return undefined;
  const copy: unknown = JSON.parse(json);
  return isRecord(copy) && isUsable(copy, draft, 0) ? { schema: copy, draft } : undefined;
}

/** MCP 2025-11-25, "JSON Schema Usage": 2020-12 where the schema does not say. */
function draftOf($schema: unknown): SchemaDraft | undefined {
  if ($schema === undefined) return '2020-12';
  if (typeof $schema !== 'string') return undefined;
  const name = /^https?:\/\/json-schema\.org\/(.+)\/schema#?$/.exec($schema)?.[1];
  return DRAFTS.get(name ?? '');
}

/** Also takes `format` out, so that it is called on the copy only. */
function isUsable(schema: unknown, draft: SchemaDraft, depth: number): boolean {
  if (typeof schema === 'boolean') return true;
  if (!isRecord(schema) || depth > MAX_DEPTH) return false;
  delete schema.format;
  const inside = (value: unknown): boolean => isUsable(value, draft, depth + 1);
  const all = (values: readonly unknown[]): boolean => values.every(inside);
  return (
    hasPlainKeywords(schema, draft) &&
    SCHEMA_KEYWORDS.every((keyword) => {
      const value = schema[keyword];
      if (value === undefined) return true;
      return keyword === 'items' && Array.isArray(value) ? all(value) : inside(value);
    }) &&
    SCHEMA_LIST_KEYWORDS.every((keyword) => {
      const value = schema[keyword];
      return value === undefined || (Array.isArray(value) && all(value));
    }) &&
    SCHEMA_MAP_KEYWORDS.every((keyword) => {
      const value = schema[keyword];
      return value === undefined || (isRecord(value) && all(Object.values(value)));
    })
  );
}

function hasPlainKeywords(schema: Readonly<Record<string, unknown>>, draft: SchemaDraft): boolean {
  const { type, required, pattern, patternProperties } = schema;
  return (
    (type === undefined || [type].flat().every((name) => TYPES.includes(name as string))) &&
    (required === undefined || isStrings(required)) &&
    (schema.enum === undefined || Array.isArray(schema.enum)) &&
    (schema.$ref === undefined || typeof schema.$ref === 'string') &&
    (pattern === undefined || isPattern(pattern)) &&
    (!isRecord(patternProperties) || Object.keys(patternProperties).every(isPattern)) &&
    EXCLUSIVE_KEYWORDS.every(
      (keyword) =>
        schema[keyword] === undefined || typeof schema[keyword] === (draft === '4' ? 'boolean' : 'number'),
    ) &&
    NUMBER_KEYWORDS.every((keyword) => schema[keyword] === undefined || typeof schema[keyword] === 'number')
  );
}

function isPattern(text: unknown): boolean {
  try {
    return typeof text === 'string' && Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
