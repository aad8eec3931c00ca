import { withoutTagsIn } from '../../base/text/visible.js';
import { isObject } from '../../protocol/messages.js';
import type { CatalogKind } from '../model/catalog.js';
import type { Logger } from '../ports.js';
import type { Slices } from '../util/slices.js';

/** Bounds of what one list holds. */
export interface ItemLimits {
  readonly items: number;
  /** Characters of one item as JSON; a longer item is left out. */
  readonly itemChars: number;
  /** Characters of all the items that are kept. */
  readonly chars: number;
  /** Levels of nesting of one item; beyond some thousands even writing it as JSON fails. */
  readonly depth: number;
}

/** A list was answered, but not with a list. */
export class ListError extends Error {
  override readonly name = 'ListError';
}

/** What the items of a list are held to. */
export interface ItemSchema {
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Which list it is, and by what its items are told apart. */
export interface ItemKind {
  readonly kind: CatalogKind;
  readonly method: string;
  readonly identity: 'name' | 'uri' | 'uriTemplate';
}

/** What is kept of one list; checked page by page, so that what is not kept takes no room. */
export class ValidItems {
  readonly #kept = new Map<string, unknown>();
  #seen = 0;
  #chars = 0;

  constructor(
    private readonly kind: ItemKind,
    private readonly schema: ItemSchema,
    private readonly logger: Logger,
    private readonly slices: Slices,
    private readonly limits: ItemLimits,
  ) {}

  get items(): unknown[] {
    return [...this.#kept.values()];
  }

  /** @throws ListError when the list is beyond its bounds */
  async add(page: readonly unknown[]): Promise<void> {
    const { method } = this.kind;
    const { items, chars } = this.limits;
    if (this.#seen + page.length > items) throw new ListError(`${method} gave more than ${items} items`);
    for (const item of page) {
      if (this.slices.over) await this.slices.next();
      this.#add(item);
      if (this.#chars > chars) throw new ListError(`${method} gave more than ${chars} characters`);
    }
  }

  #add(item: unknown): void {
    const { kind, identity } = this.kind;
    const id = isObject(item) ? item[identity] : undefined;
    const name = typeof id === 'string' ? id.slice(0, 100) : `#${this.#seen}`;
    this.#seen++;
    const size = sizeOf(item, this.limits);
    const problem = typeof size === 'string' ? size : problemOf(item, this.schema);
    if (problem !== undefined) {
      this.logger.warn(`Left out ${kind} "${name}": ${problem}.`);
    } else if (this.#kept.has(id as string)) {
      this.logger.warn(`Left out ${kind} "${name}": the name is used twice.`);
    } else {
      // What a model reads, but no person; the identity stays, because the server knows the item by it.
      this.#kept.set(id as string, { ...(withoutTagsIn(item) as object), [identity]: id });
      this.#chars += size as number;
    }
  }
}

/** @returns characters of an item as JSON, or what is wrong with its size */
function sizeOf(item: unknown, { depth, itemChars }: ItemLimits): number | string {
  if (isDeeperThan(item, depth)) return `it is nested more than ${depth} levels deep`;
  const chars = (JSON.stringify(item) as string | undefined)?.length ?? 0;
  return chars > itemChars ? `it is ${chars} characters long, more than ${itemChars}` : chars;
}

function problemOf(item: unknown, schema: ItemSchema): string | undefined {
  const parsed = schema.safeParse(item);
  if (parsed.success) return undefined;
  const issue = parsed.error?.issues[0];
  return issue ? `${issue.path.map(String).join('.')}: ${issue.message}` : 'it is not valid';
}

/** A recursion that goes no deeper than it may. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (levels < 0) return true;
  if (typeof value !== 'object' || value === null) return false;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return parts.some((part) => isDeeperThan(part, levels - 1));
}

/** Loaded on the first refresh only: building the SDK's schemas takes longer than starting without them should. */
export async function itemSchemas(): Promise<Record<CatalogKind, ItemSchema>> {
  const sdk = await import('@modelcontextprotocol/sdk/types.js');
  return {
    tools: sdk.ToolSchema,
    resources: sdk.ResourceSchema,
    resourceTemplates: sdk.ResourceTemplateSchema,
    prompts: sdk.PromptSchema,
  };
}
