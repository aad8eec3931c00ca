import { withoutTagsIn } from '../../base/text/visible.js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RpcError } from '../../protocol/errors.js';
import { METHOD_NOT_FOUND, isObject, type Params } from '../../protocol/messages.js';
import { CATALOG_KINDS, type CatalogItems, type CatalogKind } from '../model/catalog.js';
import type { Logger } from '../ports.js';

/** Bounds of one kind's list; a server that goes beyond `pages` or `items` is not answering, it is flooding. */
export interface CatalogLimits {
  readonly pages: number;
  readonly items: number;
  /** Characters of one item as JSON; a longer item is left out. */
  readonly itemChars: number;
  /** Characters of all the items that are kept. */
  readonly chars: number;
  /** Levels of nesting of one item; beyond some thousands even writing it as JSON fails. */
  readonly depth: number;
}

export const CATALOG_LIMITS: CatalogLimits = {
  pages: 500,
  items: 10_000,
  itemChars: 256 * 1024,
  chars: 32 * 1024 * 1024,
  depth: 200,
};

/** Milliseconds for which items are validated before other work gets its turn. */
const SLICE_MS = 10;

/** A list was answered, but not with a list. */
export class ListError extends Error {
  override readonly name = 'ListError';
}

type ItemSchema = { safeParse(value: unknown): { success: boolean; error?: { issues: readonly Issue[] } } };
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Kind {
  readonly kind: CatalogKind;
  readonly capability: 'tools' | 'resources' | 'prompts';
  readonly method: string;
  readonly identity: 'name' | 'uri' | 'uriTemplate';
}

const KINDS: readonly Kind[] = [
  { kind: 'tools', capability: 'tools', method: 'tools/list', identity: 'name' },
  { kind: 'resources', capability: 'resources', method: 'resources/list', identity: 'uri' },
  {
    kind: 'resourceTemplates',
    capability: 'resources',
    method: 'resources/templates/list',
    identity: 'uriTemplate',
  },
  { kind: 'prompts', capability: 'prompts', method: 'prompts/list', identity: 'name' },
];

/** What reading the lists came to: each kind that was asked for is in one of the two. */
export interface ReadItems {
  readonly items: Partial<CatalogItems>;
  /** Why the other kinds could not be read. */
  readonly errors: ReadonlyMap<CatalogKind, unknown>;
}

/**
 * All pages of what a server's capabilities say it lists; each kind in one answer or none (invariant NoEmptyPoison), and
 * no kind keeps another from being read. Items that the protocol's schemas refuse, that are too long or that repeat a name
 * are left out, one log line each.
 * @param request sends one request to the server
 * @param kinds those that are wanted
 * @throws the first kind's error when not one of those that the server lists could be read
 */
export async function readCatalogItems(
  capabilities: Params,
  request: (method: string, params: Params) => Promise<Params>,
  logger: Logger,
  limits: CatalogLimits = CATALOG_LIMITS,
  kinds: readonly CatalogKind[] = CATALOG_KINDS,
): Promise<ReadItems> {
  const schemas = await itemSchemas();
  const items: Partial<Record<CatalogKind, unknown[]>> = {};
  const errors = new Map<CatalogKind, unknown>();
  let listed = 0;
  const read = async (kind: Kind): Promise<void> => {
    if (!isObject(capabilities[kind.capability])) {
      items[kind.kind] = [];
      return;
    }
    listed++;
    const kept = new ValidItems(kind, schemas[kind.kind], logger, limits);
    try {
      if (!(await readPages(kind, request, kept, limits))) listed--;
      items[kind.kind] = kept.items;
    } catch (error) {
      errors.set(kind.kind, error);
    }
  };
  await Promise.all(KINDS.filter(({ kind }) => kinds.includes(kind)).map(read));
  if (listed > 0 && errors.size === listed) throw [...errors.values()][0];
  return { items: items as Partial<CatalogItems>, errors };
}

/** @returns whether the server has such a list @throws ListError, or whatever `request` throws */
async function readPages(
  { kind, method }: Kind,
  request: (method: string, params: Params) => Promise<Params>,
  kept: ValidItems,
  limits: CatalogLimits,
): Promise<boolean> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < limits.pages; page++) {
    let result: Params;
    try {
      result = await request(method, cursor === undefined ? {} : { cursor });
    } catch (error) {
      // Common among servers: the capability is claimed for one of its lists only.
      if (page === 0 && error instanceof RpcError && error.code === METHOD_NOT_FOUND) return false;
      throw error;
    }
    const part = result[kind];
    if (!Array.isArray(part)) throw new ListError(`its answer to ${method} holds no list of ${kind}`);
    await kept.add(part);
    const next = result.nextCursor;
    if (next === undefined || next === null) return true;
    if (typeof next !== 'string') throw new ListError(`its answer to ${method} has a cursor that is no text`);
    if (seen.has(next)) throw new ListError(`${method} repeats the same page for ever`);
    seen.add(next);
    cursor = next;
  }
  throw new ListError(`${method} has more than ${limits.pages} pages`);
}

/** What is kept of one list; checked page by page, so that what is not kept takes no room. */
class ValidItems {
  readonly #kept = new Map<string, unknown>();
  #seen = 0;
  #chars = 0;

  constructor(
    private readonly kind: Kind,
    private readonly schema: ItemSchema,
    private readonly logger: Logger,
    private readonly limits: CatalogLimits,
  ) {}

  get items(): unknown[] {
    return [...this.#kept.values()];
  }

  /** @throws ListError when the list is beyond its bounds */
  async add(page: readonly unknown[]): Promise<void> {
    const { method } = this.kind;
    const { items, chars } = this.limits;
    if (this.#seen + page.length > items) throw new ListError(`${method} gave more than ${items} items`);
    let begun = performance.now();
    for (const item of page) {
      this.#add(item);
      if (this.#chars > chars) throw new ListError(`${method} gave more than ${chars} characters`);
      if (performance.now() - begun < SLICE_MS) continue;
      await nextTurn();
      begun = performance.now();
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
function sizeOf(item: unknown, { depth, itemChars }: CatalogLimits): number | string {
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

/** Level by level, because recursion is what a deep item breaks. */
function isDeeperThan(item: unknown, depth: number): boolean {
  let level: unknown[] = [item];
  for (let at = 0; level.length > 0; at++) {
    if (at > depth) return true;
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}

/** Loaded on the first refresh only: building the SDK's schemas takes longer than starting without them should. */
async function itemSchemas(): Promise<Record<CatalogKind, ItemSchema>> {
  const sdk = await import('@modelcontextprotocol/sdk/types.js');
  return {
    tools: sdk.ToolSchema,
    resources: sdk.ResourceSchema,
    resourceTemplates: sdk.ResourceTemplateSchema,
    prompts: sdk.PromptSchema,
  };
}
