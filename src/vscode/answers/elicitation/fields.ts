import { ClientError, INVALID_PARAMS } from '../../../gateway/model/client.js';

/** Nobody fills in more. */
const MAX_FIELDS = 50;
const MAX_OPTIONS = 1000;

/** What a field of a form may become. */
export type FieldValue = string | number | boolean | readonly string[];

interface FieldBase {
  /** The property's name. */
  readonly name: string;
  /** For people: its title, or its name. */
  readonly title: string;
  readonly description: string | undefined;
  readonly required: boolean;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly format: TextFormat | undefined;
  readonly minLength: number;
  readonly maxLength: number;
  readonly fallback: string | undefined;
}

export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum: number;
  readonly maximum: number;
  readonly fallback: number | undefined;
}

export interface BooleanField extends FieldBase {
  readonly kind: 'boolean';
  readonly fallback: boolean | undefined;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One of several values. */
export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly options: readonly Option[];
  readonly fallback: string | undefined;
}

/** Some of several values. */
export interface ChoicesField extends FieldBase {
  readonly kind: 'choices';
  readonly options: readonly Option[];
  readonly minItems: number;
  readonly maxItems: number;
  readonly fallback: readonly string[] | undefined;
}

export type Field = TextField | NumberField | BooleanField | ChoiceField | ChoicesField;

const FORMATS = ['email', 'uri', 'date', 'date-time'] as const;
export type TextFormat = (typeof FORMATS)[number];

type Json = Readonly<Record<string, unknown>>;

/**
 * The fields of a form, in the schema's order (MCP 2025-11-25, "Elicitation": flat objects of primitive values).
 * @throws `ClientError` when it is no such schema
 */
export function fieldsOf(requestedSchema: unknown): readonly Field[] {
  const { properties, required } = object(requestedSchema) ?? {};
  const entries = Object.entries(object(properties) ?? unusable('it has no properties'));
  if (entries.length > MAX_FIELDS) unusable(`it has more than ${MAX_FIELDS} fields`);
  const needed = new Set(Array.isArray(required) ? required : []);
  return entries.map(([name, schema]) =>
    fieldOf(name, object(schema) ?? unusable(`"${name}" is no schema`), needed.has(name)),
  );
}

function fieldOf(name: string, schema: Json, required: boolean): Field {
  const title = text(schema['title']) ?? name;
  const base = { name, title, description: text(schema['description']), required };
  const fallback = schema['default'];
  const options = optionsOf(schema);
  if (options) {
    const isOption = options.some(({ value }) => value === fallback);
    return { ...base, kind: 'choice', options, fallback: isOption ? text(fallback) : undefined };
  }
  switch (schema['type']) {
    case 'string':
      return {
        ...base,
        kind: 'text',
        format: FORMATS.find((format) => format === schema['format']),
        minLength: number(schema['minLength']) ?? 0,
        maxLength: number(schema['maxLength']) ?? Infinity,
        fallback: text(fallback),
      };
    case 'number':
    case 'integer':
      return {
        ...base,
        kind: 'number',
        integer: schema['type'] === 'integer',
        minimum: number(schema['minimum']) ?? -Infinity,
        maximum: number(schema['maximum']) ?? Infinity,
        fallback: number(fallback),
      };
    case 'boolean':
      return { ...base, kind: 'boolean', fallback: typeof fallback === 'boolean' ? fallback : undefined };
    case 'array': {
      const items =
        optionsOf(object(schema['items']) ?? {}) ?? unusable(`the list "${name}" has nothing to choose from`);
      return {
        ...base,
        kind: 'choices',
        options: items,
        minItems: number(schema['minItems']) ?? 0,
        maxItems: number(schema['maxItems']) ?? Infinity,
        fallback: Array.isArray(fallback) ? known(items, fallback) : undefined,
      };
    }
    default:
      return unusable(`"${name}" is neither text, a number, true or false, nor a choice`);
  }
}

function known(options: readonly Option[], values: readonly unknown[]): readonly string[] {
  const wanted = new Set(values);
  return options.map(({ value }) => value).filter((value) => wanted.has(value));
}

/** The ways of an enumeration: `enum` with or without `enumNames`, or `oneOf` or `anyOf` of titled constants. */
function optionsOf(schema: Json): readonly Option[] | undefined {
  const titled = schema['oneOf'] ?? schema['anyOf'];
  const plain = schema['enum'];
  const options = Array.isArray(titled)
    ? titled.map((entry: unknown) => {
        const { const: value, title } = object(entry) ?? {};
        return option(value, title);
      })
    : Array.isArray(plain)
      ? plain.map((value: unknown, index) => {
          const names: unknown = schema['enumNames'];
          return option(value, Array.isArray(names) ? names[index] : undefined);
        })
      : undefined;
  if (options && (options.length === 0 || options.length > MAX_OPTIONS))
    unusable(`a choice has no options, or more than ${MAX_OPTIONS}`);
  return options;
}

const option = (value: unknown, label: unknown): Option =>
  typeof value === 'string'
    ? { value, label: text(label) ?? value }
    : unusable('a choice has an option that is no text');

const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

function unusable(why: string): never {
  throw new ClientError(INVALID_PARAMS, `The form cannot be shown: ${why}.`);
}
