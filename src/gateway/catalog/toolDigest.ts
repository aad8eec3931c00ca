import { createHash } from 'node:crypto';
import type { Tool } from '../model/catalog.js';

/** What a consent to a tool covers: all that the user or the model decides by. `_meta` and icons say nothing of what it does. */
const COVERED = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

/** A tool's definition, as far as a consent covers it. */
export type CoveredTool = Pick<Tool, (typeof COVERED)[number]>;

/** The covered part of a tool, without whatever else its server sent. */
export const coveredTool = (tool: CoveredTool): CoveredTool =>
  Object.fromEntries(
    COVERED.flatMap((field) => (tool[field] === undefined ? [] : [[field, tool[field]]])),
  ) as unknown as CoveredTool;

/**
 * Identifies what a tool says of itself: SHA-256 (64 hex digits) over the canonical JSON of its name, title, description,
 * input and output schema and annotations. Two tools have one digest exactly when these are equal, in whatever order
 * their keys came.
 */
export const toolDigest = (tool: CoveredTool): string =>
  createHash('sha256')
    .update(canonicalJson(coveredTool(tool)))
    .digest('hex');

/** JSON with the keys of every object in one order. @param indent spaces per level, for people */
export const canonicalJson = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : part,
    indent,
  );
