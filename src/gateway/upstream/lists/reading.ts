import {
  CATALOG_KINDS,
  type Catalog,
  type CatalogItems,
  type CatalogKind,
  type ServerFacts,
  type Unread,
} from '../../model/catalog.js';
import type { ServerDefinition } from '../../model/definition.js';
import { describeFailure } from '../server/failure.js';
import type { ListDigests } from './listDigests.js';
import type { ReadItems } from './readCatalog.js';

/** What one reading of a server's lists found. A kind that is in neither `items` nor `unread` was not asked for. */
export interface Reading {
  readonly facts: ServerFacts;
  readonly items: Partial<CatalogItems>;
  /** Of those items. */
  readonly digests: ListDigests;
  readonly unread: Unread;
}

const WHAT: Readonly<Record<CatalogKind, string>> = {
  tools: 'tools',
  resources: 'resources',
  resourceTemplates: 'resource templates',
  prompts: 'prompts',
};

/** Says in words why lists could not be read, without any secret of the server's. */
export function readingOf(
  definition: ServerDefinition,
  facts: ServerFacts,
  { items, digests, errors }: ReadItems,
): Reading {
  const unread = [...errors].map(([kind, error]) => {
    const { code, message } = describeFailure(definition, error, undefined);
    return [kind, { code, message: `Its ${WHAT[kind]} could not be listed. ${message}` }] as const;
  });
  return { facts, items, digests, unread: Object.fromEntries(unread) };
}

export const unreadKinds = ({ unread }: { readonly unread?: Unread }): readonly CatalogKind[] =>
  CATALOG_KINDS.filter((kind) => unread?.[kind] !== undefined);

/**
 * The catalog after a reading: a kind that could not be read keeps the items that it had (invariant NoEmptyPoison).
 * @param before of the same definition
 */
export function catalogAfter(before: Catalog | undefined, { facts, items, unread }: Reading): Catalog {
  const still = CATALOG_KINDS.flatMap((kind) => {
    const failure = unread[kind] ?? (items[kind] === undefined ? before?.unread?.[kind] : undefined);
    return failure ? [[kind, failure] as const] : [];
  });
  return {
    ...facts,
    tools: items.tools ?? before?.tools ?? [],
    resources: items.resources ?? before?.resources ?? [],
    resourceTemplates: items.resourceTemplates ?? before?.resourceTemplates ?? [],
    prompts: items.prompts ?? before?.prompts ?? [],
    ...(still.length > 0 ? { unread: Object.fromEntries(still) } : {}),
  };
}

/** The digests of that catalog's lists. @param before those of the catalog before */
export const digestsAfter = (before: ListDigests | undefined, { items, digests }: Reading): ListDigests =>
  Object.fromEntries(
    CATALOG_KINDS.flatMap((kind) => {
      const digest = items[kind] ? digests[kind] : before?.[kind];
      return digest === undefined ? [] : [[kind, digest]];
    }),
  );
