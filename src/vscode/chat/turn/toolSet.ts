import { withoutTags, withoutTagsIn } from '../../../base/text/visible.js';
import { nearestNames } from '../../../base/text/nearest.js';
import { selectTools } from '../../../gateway/catalog/search.js';
import type { ListedTool } from '../../../gateway/model/listing.js';
import type { OfferedTool } from './messages.js';
import { cut } from '../render.js';

/** Copilot refuses a request with more ("Cannot have more than 128 tools per request"). */
export const MAX_TOOLS = 128;
/** Characters; some servers describe a tool in a megabyte. */
const MAX_DESCRIPTION = 4000;
/** A pasted text may be full of `#`. */
const MAX_NAMED = 200;

/** The tools of one turn, the same from its first request to its last (invariant TurnSnapshotStable). */
export class ToolSet {
  readonly #byName: ReadonlyMap<string, ListedTool>;
  /** Those that turned out to be others than when the turn began, as they are now. */
  readonly #changed = new Map<string, ListedTool>();

  constructor(
    readonly tools: readonly ListedTool[],
    /** How many were left out because no model takes so many. */
    readonly leftOut: number,
  ) {
    this.#byName = new Map(tools.map((tool) => [tool.name, tool]));
  }

  find(name: string): ListedTool | undefined {
    return this.#changed.get(name) ?? this.#byName.get(name);
  }

  /** Takes note of what a tool is now; the model goes on with what it was offered. */
  change(tool: ListedTool): void {
    if (this.#byName.has(tool.name)) this.#changed.set(tool.name, tool);
  }

  /** Whether a tool is another one than the model was offered. */
  hasChanged(name: string): boolean {
    return this.#changed.has(name);
  }

  nearest(name: string): readonly string[] {
    return nearestNames(name, [...this.#byName.keys()]);
  }

  /** As a model is told of them. */
  offered(): readonly OfferedTool[] {
    return this.tools.map(({ name, tool }) => ({
      name,
      description: cut(withoutTags(tool.description ?? titleOf(tool)), MAX_DESCRIPTION),
      inputSchema: schemaForModels(withoutTagsIn(tool.inputSchema)),
    }));
  }
}

/**
 * Chooses a turn's tools: those that the user named if any, and of too many those that fit the prompt best.
 * @param attached names of the tools that the user attached in the chat view
 */
export async function toolsForTurn(
  listed: readonly ListedTool[],
  prompt: string,
  attached: readonly string[],
  limit = MAX_TOOLS,
): Promise<ToolSet> {
  const named = namedTools(listed, prompt, attached);
  const wanted = named.length > 0 ? named : listed;
  const tools = wanted.length > limit ? await selectTools(wanted, prompt, limit) : wanted;
  return new ToolSet(tools, wanted.length - tools.length);
}

/**
 * The tools that are meant by `#name` in the prompt (a public name or a server's id) or by an attached reference (a
 * public name, or one that ends with it, as VS Code makes it by putting its own prefix before).
 */
export function namedTools(
  listed: readonly ListedTool[],
  prompt: string,
  attached: readonly string[],
): readonly ListedTool[] {
  const typed = [...prompt.matchAll(/(?<=^|[\s(,;])#(?=\S)/g)]
    .slice(0, MAX_NAMED)
    .map(({ index }) => prompt.slice(index + 1));
  return listed.filter(
    ({ name, server }) =>
      attached.some((reference) => endsWithWord(reference, name)) ||
      typed.some((rest) => beginsWithWord(rest, name) || beginsWithWord(rest, server)),
  );
}

/** Whether the text begins with this word and not with a longer one. */
const beginsWithWord = (text: string, word: string): boolean =>
  text.startsWith(word) && !/^[\w-]/.test(text.slice(word.length));

const endsWithWord = (text: string, word: string): boolean =>
  text.endsWith(word) && !/[a-z0-9]$/i.test(text.slice(0, -word.length));

/** What people are shown for a tool, as the server says it: not escaped. */
export function titleOf(tool: ListedTool['tool']): string {
  return tool.title ?? tool.annotations?.title ?? tool.name;
}

/** OpenAI's API refuses an object schema that lists no properties. */
const schemaForModels = (schema: ListedTool['tool']['inputSchema']): object =>
  schema.type === 'object' && schema.properties === undefined ? { ...schema, properties: {} } : schema;
