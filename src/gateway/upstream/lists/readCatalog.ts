import { RpcError } from '../../../protocol/errors.js';
import type { LargeResult } from '../../../protocol/large/largeResult.js';
import { METHOD_NOT_FOUND, isObject, type Params } from '../../../protocol/messages.js';
import { CATALOG_KINDS, type CatalogItems, type CatalogKind } from '../../model/catalog.js';
import type { Logger } from '../../ports.js';
import { Slices } from '../../../base/async/slices.js';
import type { TurnScheduler } from '../../../base/async/turnScheduler.js';
import type { ListDigests } from './listDigests.js';
import { itemSchemas, ListError, ValidItems, type ItemKind, type ItemLimits } from './validItems.js';

/** Bounds of one kind's list; a server that goes beyond `pages` or `items` is not answering, it is flooding. */
export interface CatalogLimits extends ItemLimits {
  readonly pages: number;
  /** Characters of a cursor. */
  readonly cursorChars: number;
}

export const CATALOG_LIMITS: CatalogLimits = {
  pages: 500,
  cursorChars: 64 * 1024,
  items: 10_000,
  itemChars: 256 * 1024,
  chars: 32 * 1024 * 1024,
  depth: 200,
};

interface Kind extends ItemKind {
  readonly capability: 'tools' | 'resources' | 'prompts';
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
  /** Of those items. */
  readonly digests: ListDigests;
  /** Why the other kinds could not be read. */
  readonly errors: ReadonlyMap<CatalogKind, unknown>;
}

/** How lists are read. */
export interface ReadOptions {
  readonly logger: Logger;
  /** Checking what they hold takes turns with all else that stops the event loop. */
  readonly turns: TurnScheduler;
  readonly limits?: CatalogLimits;
  /** Those that are wanted; all where they are left out. */
  readonly kinds?: readonly CatalogKind[] | undefined;
}

/**
 * All pages of what a server's capabilities say it lists; each kind in one answer or none (invariant NoEmptyPoison), and
 * no kind keeps another from being read. Items that the protocol's schemas refuse, that are too long or that repeat a name
 * are left out, one log line each.
 * @param request sends one request to the server
 * @throws the first kind's error when not one of those that the server lists could be read
 */
export async function readCatalogItems(
  capabilities: Params,
  request: (method: string, params: Params) => Promise<Params | LargeResult>,
  { logger, turns, limits = CATALOG_LIMITS, kinds = CATALOG_KINDS }: ReadOptions,
): Promise<ReadItems> {
  const schemas = await itemSchemas();
  const items: Partial<Record<CatalogKind, readonly unknown[]>> = {};
  const digests: Partial<Record<CatalogKind, string>> = {};
  const errors = new Map<CatalogKind, unknown>();
  let listed = 0;
  const read = async (kind: Kind): Promise<void> => {
    if (!isObject(capabilities[kind.capability])) {
      items[kind.kind] = [];
      return;
    }
    listed++;
    const kept = new ValidItems(kind, schemas[kind.kind], logger, new Slices(turns), limits);
    try {
      if (!(await readPages(kind, request, kept, limits))) listed--;
      const { items: all, digest } = kept.end();
      items[kind.kind] = all;
      if (digest !== undefined) digests[kind.kind] = digest;
    } catch (error) {
      errors.set(kind.kind, error);
    }
  };
  await Promise.all(KINDS.filter(({ kind }) => kinds.includes(kind)).map(read));
  if (listed > 0 && errors.size === listed) throw [...errors.values()][0];
  return { items: items as Partial<CatalogItems>, digests, errors };
}

/** @returns whether the server has such a list @throws ListError, or whatever `request` throws */
async function readPages(
  { method }: Kind,
  request: (method: string, params: Params) => Promise<Params | LargeResult>,
  kept: ValidItems,
  limits: CatalogLimits,
): Promise<boolean> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < limits.pages; page++) {
    let result: Params | LargeResult;
    try {
      result = await request(method, cursor === undefined ? {} : { cursor });
    } catch (error) {
      // Common among servers: the capability is claimed for one of its lists only.
      if (page === 0 && error instanceof RpcError && error.code === METHOD_NOT_FOUND) return false;
      throw error;
    }
    const next = await kept.add(result);
    if (next === undefined || next === null) return true;
    if (typeof next !== 'string') throw new ListError(`its answer to ${method} has a cursor that is no text`);
    if (next.length > limits.cursorChars)
      throw new ListError(
        `its answer to ${method} has a cursor of more than ${limits.cursorChars} characters`,
      );
    if (seen.has(next)) throw new ListError(`${method} repeats the same page for ever`);
    seen.add(next);
    cursor = next;
  }
  throw new ListError(`${method} has more than ${limits.pages} pages`);
}
