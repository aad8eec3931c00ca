import type { OutputUnit, Schema } from '@cfworker/json-schema';

const MAX_SENTENCES = 5;
/** Characters of what a schema allows, and of a place. */
const MAX_SHOWN = 200;

/** What the locations in the validator's errors point into. */
export interface Checked {
  readonly schema: Schema;
  /** Schemas by absolute address, as the validator found them. */
  readonly lookup: Readonly<Record<string, Schema | boolean>>;
  readonly instance: unknown;
}

/**
 * Errors of the validator as sentences, at most five. They are made from the schema's keywords at the errors' locations, and
 * hold no value of the instance.
 */
export function reasonsOf(errors: readonly OutputUnit[], checked: Checked): readonly string[] {
  const found = new Set<string>();
  for (const [i, error] of errors.entries()) {
    if (found.size >= MAX_SENTENCES) break;
    if (errors.slice(0, i).some((earlier) => isPartOf(error, earlier))) continue;
    for (const sentence of sentences(error, errors, checked)) found.add(sentence);
  }
  return [...found].slice(0, MAX_SENTENCES);
}

/** Of these keywords the error itself says it all; what each alternative lacked would only confuse. */
const ALTERNATIVES = ['anyOf', 'oneOf', 'contains', 'propertyNames', 'not'];

const isPartOf = (error: OutputUnit, whole: OutputUnit): boolean =>
  ALTERNATIVES.includes(whole.keyword) &&
  error.keywordLocation.startsWith(`${whole.keywordLocation}/`) &&
  `${error.instanceLocation}/`.startsWith(`${whole.instanceLocation}/`);

/** None for an error that only says that another one is further down. */
function sentences(error: OutputUnit, errors: readonly OutputUnit[], checked: Checked): readonly string[] {
  const { keyword, instanceLocation } = error;
  const wanted = keywordAt(checked, error.keywordLocation);
  switch (keyword) {
    case 'required':
      return missing(wanted, valueAt(checked.instance, instanceLocation)).map(
        (name) => `${place(instanceLocation, name)} is required`,
      );
    case 'dependentRequired':
    case 'dependencies': {
      const value = valueAt(checked.instance, instanceLocation);
      if (!isRecord(wanted) || !isRecord(value)) return [];
      return Object.keys(value)
        .flatMap((name) => missing(Object.hasOwn(wanted, name) ? wanted[name] : undefined, value))
        .map((name) => `${place(instanceLocation, name)} is required beside what is given`);
    }
    case 'anyOf':
    case 'oneOf':
      return [alternatives(error, errors, checked)];
    default: {
      const end = predicate(keyword, wanted);
      return end === undefined ? [] : [`${place(instanceLocation)} ${end}`];
    }
  }
}

/** @param wanted the keyword's value */
function predicate(keyword: string, wanted: unknown): string | undefined {
  switch (keyword) {
    case 'type':
      return `must be ${typesOf(wanted).join(' or ')}`;
    case 'enum':
      return `must be one of ${shown(Array.isArray(wanted) ? wanted.map(json).join(',') : undefined)}`;
    case 'const':
      return `must be ${shown(json(wanted))}`;
    case 'false':
      return 'is not allowed';
    case 'minimum':
      return `must be at least ${shown(wanted)}`;
    case 'maximum':
      return `must be at most ${shown(wanted)}`;
    case 'exclusiveMinimum':
      return `must be more than ${shown(wanted)}`;
    case 'exclusiveMaximum':
      return `must be less than ${shown(wanted)}`;
    case 'multipleOf':
      return `must be a multiple of ${shown(wanted)}`;
    case 'minLength':
      return `must have at least ${shown(wanted)} characters`;
    case 'maxLength':
      return `must have at most ${shown(wanted)} characters`;
    case 'minItems':
      return `must have at least ${shown(wanted)} items`;
    case 'maxItems':
      return `must have at most ${shown(wanted)} items`;
    case 'minProperties':
      return `must have at least ${shown(wanted)} properties`;
    case 'maxProperties':
      return `must have at most ${shown(wanted)} properties`;
    case 'uniqueItems':
      return 'must not have the same item twice';
    case 'pattern':
      return "does not match the pattern in the tool's schema";
    case 'propertyNames':
      return 'has a property whose name is not allowed';
    case 'contains':
    case 'minContains':
    case 'maxContains':
      return 'does not contain the items that it must';
    case 'not':
      return "is what the tool's schema rules out";
    default:
      return undefined;
  }
}

/** Where all alternatives are about the type alone, as of an optional argument, their types; else no details. */
function alternatives(error: OutputUnit, errors: readonly OutputUnit[], checked: Checked): string {
  const at = place(error.instanceLocation);
  const parts = errors.filter((part) => isPartOf(part, error));
  const types = parts.filter(
    (part) => part.keyword === 'type' && part.instanceLocation === error.instanceLocation,
  );
  if (types.length > 0 && types.length === parts.length) {
    const names = types.flatMap(({ keywordLocation }) => typesOf(keywordAt(checked, keywordLocation)));
    return `${at} must be ${[...new Set(names)].join(' or ')}`;
  }
  return error.keyword === 'oneOf'
    ? `${at} must match exactly one of the alternatives in the tool's schema`
    : `${at} matches none of the alternatives in the tool's schema`;
}

/** @param required names, if it is a list of them */
const missing = (required: unknown, value: unknown): string[] =>
  Array.isArray(required) && isRecord(value)
    ? (required as string[]).filter((name) => !Object.hasOwn(value, name)).slice(0, MAX_SENTENCES)
    : [];

const typesOf = (wanted: unknown): readonly unknown[] =>
  typeof wanted === 'string' || Array.isArray(wanted) ? [wanted].flat() : ['of another type'];

/** What stands in the schema at a keyword's location, which goes through references by the way. */
function keywordAt({ schema, lookup }: Checked, location: string): unknown {
  return keysOf(location).reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    if (!isRecord(at)) return undefined;
    // The validator spells it so in its locations.
    const name = key === 'dependantRequired' && !Object.hasOwn(at, key) ? 'dependentRequired' : key;
    const value = Object.hasOwn(at, name) ? at[name] : undefined;
    if (name !== '$ref' || typeof value !== 'string') return value;
    const { __absolute_ref__: address = value } = at as Schema;
    return lookup[address];
  }, schema);
}

function valueAt(instance: unknown, location: string): unknown {
  return keysOf(location).reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, instance);
}

/** Of a JSON pointer as a URI's fragment (RFC 6901, 6), without the `#`. */
const keysOf = (location: string): string[] =>
  location
    .split('/')
    .slice(1)
    .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));

/** `#/a/b/0` as `"a.b[0]"`. */
function place(location: string, property?: string): string {
  const keys = keysOf(location);
  if (property !== undefined) keys.push(property);
  if (keys.length === 0) return 'the arguments';
  const path = keys.reduce(
    (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    '',
  );
  return `"${shortened(path)}"`;
}

const shown = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? shortened(String(value)) : 'something else';

const json = (value: unknown): string => JSON.stringify(value);

const shortened = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
