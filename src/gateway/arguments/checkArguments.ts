import { dereference, validate } from '@cfworker/json-schema';
import type { JsonSchema } from '../model/catalog.js';
import { reasonsOf } from './reasons.js';
import { usableSchema } from './usableSchema.js';

/** Of the validator; a long list of bad items has as many. */
const MAX_ERRORS = 500;

/**
 * Whether arguments fit a tool's input schema.
 * @returns at most five sentences such as `"message" is required`; they name places and what the schema wants, never
 * the arguments' values. Empty when the arguments fit, and when the schema cannot be used: then the server judges.
 */
export type ArgumentCheck = (args: unknown) => readonly string[];

const leaveItToTheServer: ArgumentCheck = () => [];

/**
 * The check of a schema (drafts 4 to 2020-12, by its `$schema`). Both this and the check itself take as long, and as much
 * memory, as whoever wrote the schema likes: they are for a thread that can be ended (`argumentChecker.ts`).
 */
export function compileCheck(schema: JsonSchema): ArgumentCheck {
  try {
    const usable = usableSchema(schema);
    if (!usable) return leaveItToTheServer;
    const { schema: own, draft } = usable;
    const lookup = dereference(own);
    return (args) => {
      const instance = args === undefined ? {} : args;
      try {
        const { valid, errors } = validate(instance, own, draft, lookup, false);
        return valid ? [] : reasonsOf(errors.slice(0, MAX_ERRORS), { schema: own, lookup, instance });
      } catch {
        // A reference that leads nowhere or round in a circle, or arguments nested too deep.
        return [];
      }
    };
  } catch {
    return leaveItToTheServer;
  }
}
