import { Validator, type OutputUnit } from '@cfworker/json-schema';
import type { CheckArguments } from '../api.js';
import type { JsonSchema } from '../model/catalog.js';
import { usableSchema } from './usableSchema.js';

const MAX_SENTENCES = 5;
/** Of the validator; a long list of bad items has as many. */
const MAX_ERRORS = 500;
/** Characters of what a schema allows, and of a place. */
const MAX_SHOWN = 200;

/** The schema's validator; `undefined` for a schema that cannot be used. */
const validators = new WeakMap<JsonSchema, Validator | undefined>();

/**
 * Checks arguments against a tool's input schema (drafts 4 to 2020-12, by its `$schema`).
 * @returns at most five sentences such as `"message" is required`; they name places and what the schema wants, never
 * the arguments' values. Empty when the arguments fit, and when the schema cannot be used: then the server judges.
 */
export const checkArguments: CheckArguments = (schema, args) => {
  const validator = validatorOf(schema);
  if (!validator) return [];
  try {
    const { valid, errors } = validator.validate(args === undefined ? {} : args);
    return valid ? [] : sentences(errors.slice(0, MAX_ERRORS));
  } catch {
    // A reference that leads nowhere or round in a circle, or arguments nested too deep.
    return [];
  }
};

function validatorOf(schema: JsonSchema): Validator | undefined {
  if (validators.has(schema)) return validators.get(schema);
  const validator = compile(schema);
  validators.set(schema, validator);
  return validator;
}

function compile(schema: JsonSchema): Validator | undefined {
  try {
    const usable = usableSchema(schema);
    return usable && new Validator(usable.schema, usable.draft, false);
  } catch {
    return undefined;
  }
}

function sentences(errors: readonly OutputUnit[]): readonly string[] {
  const found = new Set<string>();
  for (const [i, error] of errors.entries()) {
    if (found.size >= MAX_SENTENCES) break;
    if (errors.slice(0, i).some((earlier) => isPartOf(error, earlier))) continue;
    const what = sentence(error, errors);
    if (what !== undefined) found.add(what);
  }
  return [...found];
}

/** Of these keywords the error itself says it all; what each alternative lacked would only confuse. */
const ALTERNATIVES = ['anyOf', 'oneOf', 'contains', 'propertyNames', 'not'];

const isPartOf = (error: OutputUnit, whole: OutputUnit): boolean =>
  ALTERNATIVES.includes(whole.keyword) &&
  error.keywordLocation.startsWith(`${whole.keywordLocation}/`) &&
  `${error.instanceLocation}/`.startsWith(`${whole.instanceLocation}/`);

/** In words; `undefined` for an error that only says that another one is further down. */
function sentence(error: OutputUnit, errors: readonly OutputUnit[]): string | undefined {
  const at = place(error.instanceLocation);
  // The library's texts hold both the value and what is wanted; only the latter is taken from them.
  const wanted = (pattern: RegExp): string => shortened(pattern.exec(error.error)?.[1] ?? '');
  switch (error.keyword) {
    case 'type':
      return `${at} must be ${typesIn(error).join(' or ')}`;
    case 'required':
      return `${place(error.instanceLocation, wanted(/required property "(.*)"\.$/s))} is required`;
    case 'dependentRequired':
    case 'dependencies': {
      const missing = wanted(/ but does not have "(.*)"\.$/s);
      return missing === ''
        ? undefined
        : `${place(error.instanceLocation, missing)} is required beside what is given`;
    }
    case 'enum':
      return `${at} must be one of ${wanted(/any of \[(.*)\]\.$/s)}`;
    case 'const':
      return `${at} must be ${wanted(/does not match (.*)\.$/s)}`;
    case 'false':
      return `${at} is not allowed`;
    case 'minimum':
      return `${at} must be at least ${wanted(/ (\S+)\.$/)}`;
    case 'maximum':
      return `${at} must be at most ${wanted(/ (\S+)\.$/)}`;
    case 'exclusiveMinimum':
      return `${at} must be more than ${wanted(/ (\S+)\.$/)}`;
    case 'exclusiveMaximum':
      return `${at} must be less than ${wanted(/ (\S+)\.$/)}`;
    case 'multipleOf':
      return `${at} must be a multiple of ${wanted(/ (\S+)\.$/)}`;
    case 'minLength':
      return `${at} must have at least ${wanted(/ (\S+)\)\.$/)} characters`;
    case 'maxLength':
      return `${at} must have at most ${wanted(/ (\S+)\)\.$/)} characters`;
    case 'minItems':
      return `${at} must have at least ${wanted(/ (\S+)\)\.$/)} items`;
    case 'maxItems':
      return `${at} must have at most ${wanted(/ (\S+)\)\.$/)} items`;
    case 'minProperties':
    case 'maxProperties':
      return `${at} must have ${error.keyword === 'minProperties' ? 'at least' : 'at most'} ${wanted(/ (\S+) properties\.$/)} properties`;
    case 'uniqueItems':
      return `${at} must not have the same item twice`;
    case 'pattern':
      return `${at} does not match the pattern in the tool's schema`;
    case 'propertyNames':
      return `${at} has a property whose name is not allowed`;
    case 'contains':
    case 'minContains':
    case 'maxContains':
      return `${at} does not contain the items that it must`;
    case 'not':
      return `${at} is what the tool's schema rules out`;
    case 'anyOf':
    case 'oneOf':
      return alternatives(error, errors, at);
    default:
      return undefined;
  }
}

/** Where all alternatives are about the type alone, as of an optional argument, their types; else no details. */
function alternatives(error: OutputUnit, errors: readonly OutputUnit[], at: string): string {
  const parts = errors.filter((part) => isPartOf(part, error));
  const types = parts.filter(
    (part) => part.keyword === 'type' && part.instanceLocation === error.instanceLocation,
  );
  if (types.length > 0 && types.length === parts.length)
    return `${at} must be ${[...new Set(types.flatMap(typesIn))].join(' or ')}`;
  return error.keyword === 'oneOf'
    ? `${at} must match exactly one of the alternatives in the tool's schema`
    : `${at} matches none of the alternatives in the tool's schema`;
}

const typesIn = ({ error }: OutputUnit): string[] =>
  /Expected "(.*)"\.$/.exec(error)?.[1]?.split('", "') ?? ['of another type'];

/** `#/a/b/0` as `"a.b[0]"`. */
function place(pointer: string, property?: string): string {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
  if (property !== undefined) keys.push(property);
  if (keys.length === 0) return 'the arguments';
  const path = keys.reduce(
    (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    '',
  );
  return `"${shortened(path)}"`;
}

const shortened = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
