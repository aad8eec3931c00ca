import { setImmediate as nextTurn } from 'node:timers/promises';
import { RpcError } from '../../protocol/errors.js';
import { METHOD_NOT_FOUND, isObject, type Params } from '../../protocol/messages.js';
import type { CatalogItems, CatalogKind } from '../model/catalog.js';
import type { Logger } from '../ports.js';

/** Bounds of one kind's list; a server that goes beyond `pages` or `items` is not answering, it is flooding. */
export interface CatalogLimits {
  readonly pages: number;
  readonly items: number;
  /** Characters of one item as JSON; a longer item is left out. */
  readonly itemChars: number;
  /** Levels of nesting of one item; beyond some thousands even writing it as JSON fails. */
  readonly depth: number;
}

export const CATALOG_LIMITS: CatalogLimits = { pages: 500, items: 10_000, itemChars: 256 * 1024, depth: 200 };

/** How many items are validated before other work gets its turn. */
const BATCH = 100;

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

/**
 * All pages of everything that a server's capabilities say it lists, in one answer or none (invariant NoEmptyPoison).
 * Items that the protocol's schemas refuse, that are too long or that repeat a name are left out, one log line each.
 * @param request sends one request to the server
 * @throws ListError, or whatever `request` throws
 */
export async function readCatalogItems(
  capabilities: Params,
  request: (method: string, params: Params) => Promise<Params>,
  logger: Logger,
  limits: CatalogLimits = CATALOG_LIMITS,
): Promise<CatalogItems> {
  const schemas = await itemSchemas();
  const read = async (kind: Kind): Promise<unknown[]> => {
    if (!isObject(capabilities[kind.capability])) return [];
    const items = await readPages(kind, request, limits);
    return keepValid(kind, items, schemas[kind.kind], logger, limits);
  };
  const [tools, resources, resourceTemplates, prompts] = await Promise.all(KINDS.map(read));
  return { tools, resources, resourceTemplates, prompts } as CatalogItems;
}

async function readPages(
  { kind, method }: Kind,
  request: (method: string, params: Params) => Promise<Params>,
  limits: CatalogLimits,
): Promise<unknown[]> {
  const items: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < limits.pages; page++) {
    let result: Params;
    try {
      result = await request(method, cursor === undefined ? {} : { cursor });
    } catch (error) {
      // Common among servers: the capability is claimed for one of its lists only.
      if (page === 0 && error instanceof RpcError && error.code === METHOD_NOT_FOUND) return [];
      throw error;
    }
    const part = result[kind];
    if (!Array.isArray(part)) throw new ListError(`its answer to ${method} holds no list of ${kind}`);
    for (const item of part as unknown[]) items.push(item);
    if (items.length > limits.items) throw new ListError(`${method} gave more than ${limits.items} items`);
    const next = result.nextCursor;
    if (next === undefined || next === null) return items;
    if (typeof next !== 'string') throw new ListError(`its answer to ${method} has a cursor that is no text`);
    if (seen.has(next)) throw new ListError(`${method} repeats the same page for ever`);
    seen.add(next);
    cursor = next;
  }
  throw new ListError(`${method} has more than ${limits.pages} pages`);
}

async function keepValid(
  { kind, identity }: Kind,
  items: readonly unknown[],
  schema: ItemSchema,
  logger: Logger,
  limits: CatalogLimits,
): Promise<unknown[]> {
  const kept = new Map<string, unknown>();
  for (const [index, item] of items.entries()) {
    if (index % BATCH === BATCH - 1) await nextTurn();
    const problem = problemOf(item, schema, limits);
    const id = isObject(item) ? item[identity] : undefined;
    const name = typeof id === 'string' ? id.slice(0, 100) : `#${index}`;
    if (problem !== undefined) logger.warn(`Left out ${kind} "${name}": ${problem}.`);
    else if (kept.has(id as string)) logger.warn(`Left out ${kind} "${name}": the name is used twice.`);
    else kept.set(id as string, item);
  }
  return [...kept.values()];
}

function problemOf(item: unknown, schema: ItemSchema, limits: CatalogLimits): string | undefined {
  if (isDeeperThan(item, limits.depth)) return `it is nested more than ${limits.depth} levels deep`;
  const chars = (JSON.stringify(item) as string | undefined)?.length ?? 0;
  if (chars > limits.itemChars) return `it is ${chars} characters long, more than ${limits.itemChars}`;
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
