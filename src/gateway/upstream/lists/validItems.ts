import { withoutTagsIn } from '../../../base/text/visible.js';
import { LargeList } from '../../../protocol/large/largeList.js';
import { isLarge, type LargeResult } from '../../../protocol/large/largeResult.js';
import { isObject, type Params } from '../../../protocol/messages.js';
import type { CatalogKind } from '../../model/catalog.js';
import type { Logger } from '../../ports.js';
import { ListDigest } from './listDigests.js';
import type { Slices } from '../../../base/async/slices.js';

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

/**
 * Bytes that a character of an item may take where the server writes it with escapes and white space; what has more is too
 * long without being parsed.
 */
const BYTES_PER_CHAR = 4;

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

/** One page of a list. */
interface Page {
  readonly isList: boolean;
  readonly length: number;
  readonly nextCursor: unknown;
  /** An item; `undefined` when it has more bytes than these. */
  at(index: number, maxBytes: number): unknown;
}

/** What is kept of one list; checked page by page, so that what is not kept takes no room. */
export class ValidItems {
  readonly #kept = new Map<string, unknown>();
  readonly #digest = new ListDigest();
  #seen = 0;
  #chars = 0;

  constructor(
    private readonly kind: ItemKind,
    private readonly schema: ItemSchema,
    private readonly logger: Logger,
    private readonly slices: Slices,
    private readonly limits: ItemLimits,
  ) {}

  /** All of it, once it is complete. */
  end(): { readonly items: readonly unknown[]; readonly digest: string | undefined } {
    return { items: [...this.#kept.values()], digest: this.#digest.end() };
  }

  /**
   * Takes what one page holds.
   * @returns the cursor of the next, whatever the server took for one
   * @throws ListError when it holds no list, or the list is beyond its bounds
   */
  async add(result: Params | LargeResult): Promise<unknown> {
    const { kind, method } = this.kind;
    const { chars, itemChars } = this.limits;
    const page = isLarge(result) ? await this.#counted(new LargeList(result, kind)) : pageIn(result, kind);
    if (!page.isList) throw new ListError(`its answer to ${method} holds no list of ${kind}`);
    this.#count(page);
    for (let index = 0; index < page.length; index++) {
      if (this.slices.over) await this.slices.next();
      this.#add(page.at(index, BYTES_PER_CHAR * itemChars));
      if (this.#chars > chars) throw new ListError(`${method} gave more than ${chars} characters`);
    }
    return page.nextCursor;
  }

  /** A large message has room for millions of tiny items, which would take seconds to parse: they are counted first. */
  async #counted(list: LargeList): Promise<LargeList> {
    do {
      if (this.slices.over) await this.slices.next();
      this.#count(list);
    } while (list.step());
    return list;
  }

  #count({ length }: Page): void {
    const { items } = this.limits;
    if (this.#seen + length > items) throw new ListError(`${this.kind.method} gave more than ${items} items`);
  }

  #add(item: unknown): void {
    const { kind, identity } = this.kind;
    const id = isObject(item) ? item[identity] : undefined;
    const name = typeof id === 'string' ? id.slice(0, 100) : `#${this.#seen}`;
    this.#seen++;
    const { json, fault } = asJson(item, this.limits);
    const problem =
      fault ??
      problemOf(item, this.schema) ??
      (this.#kept.has(id as string) ? 'the name is used twice' : undefined);
    if (problem === undefined) this.#keep(id as string, item, json);
    else this.logger.warn(`Left out ${kind} "${name}": ${problem}.`);
  }

  #keep(id: string, item: unknown, json: string): void {
    const visible = withoutTagsIn(item, json);
    // What a model reads, but no person; the identity stays, because the server knows the item by it.
    const kept = visible === item ? item : { ...(visible as object), [this.kind.identity]: id };
    this.#kept.set(id, kept);
    this.#chars += json.length;
    this.#digest.add(kept === item ? json : JSON.stringify(kept));
  }
}

function pageIn(result: Params, kind: CatalogKind): Page {
  const { [kind]: list, nextCursor } = result;
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return { isList: Array.isArray(list), length: items.length, nextCursor, at: (index) => items[index] };
}

/** An item as JSON, or why it is not kept. @param item `undefined` when it is too long to be parsed */
function asJson(item: unknown, { depth, itemChars }: ItemLimits): { json: string; fault?: string } {
  if (item === undefined) return { json: '', fault: `it is longer than ${itemChars} characters` };
  if (isDeeperThan(item, depth)) return { json: '', fault: `it is nested more than ${depth} levels deep` };
  const json = JSON.stringify(item);
  return json.length > itemChars
    ? { json, fault: `it is ${json.length} characters long, more than ${itemChars}` }
    : { json };
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
  for (const part of parts) if (isDeeperThan(part, levels - 1)) return true;
  return false;
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
