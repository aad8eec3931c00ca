import { isDeepStrictEqual } from 'node:util';
import type { ServerDefinition, ServerId } from '../model/definition.js';

/** A server before and after the settings changed. */
interface DefinitionChange {
  readonly before: ServerDefinition;
  readonly after: ServerDefinition;
}

/** Every server of either side is in exactly one of these, in the order of the new settings. */
export interface DefinitionDiff {
  readonly added: readonly ServerDefinition[];
  readonly removed: readonly ServerDefinition[];
  /** Other fingerprint: must be restarted. */
  readonly changed: readonly DefinitionChange[];
  /** Same fingerprint, but another title, filter, timeout or the like: nothing is restarted. */
  readonly updated: readonly DefinitionChange[];
  readonly unchanged: readonly ServerDefinition[];
}

/** What became of each server between two readings of the settings. Ids are unique in each. */
export function diffDefinitions(
  before: readonly ServerDefinition[],
  after: readonly ServerDefinition[],
): DefinitionDiff {
  const old = new Map<ServerId, ServerDefinition>(before.map((definition) => [definition.id, definition]));
  const diff = {
    added: [] as ServerDefinition[],
    changed: [] as DefinitionChange[],
    updated: [] as DefinitionChange[],
    unchanged: [] as ServerDefinition[],
  };
  for (const definition of after) {
    const previous = old.get(definition.id);
    old.delete(definition.id);
    if (previous === undefined) diff.added.push(definition);
    else if (previous.fingerprint !== definition.fingerprint)
      diff.changed.push({ before: previous, after: definition });
    else if (isDeepStrictEqual(previous, definition)) diff.unchanged.push(definition);
    else diff.updated.push({ before: previous, after: definition });
  }
  return { ...diff, removed: [...old.values()] };
}

/** For the log. */
export const idsOf = (definitions: readonly ServerDefinition[]): string =>
  definitions.length === 0 ? 'none' : definitions.map(({ id }) => id).join(', ');
