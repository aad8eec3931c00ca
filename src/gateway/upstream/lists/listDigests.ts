import { createHash, type Hash } from 'node:crypto';
import { CATALOG_KINDS, type CatalogItems, type CatalogKind } from '../../model/catalog.js';
import type { Slices } from '../../../base/async/slices.js';

/**
 * What identifies the list of each kind; one without items has nothing that does. To compare the lists themselves would
 * stop everything else for seconds. Lists that differ in the order of some object's keys count as different.
 */
export type ListDigests = Readonly<Partial<Record<CatalogKind, string>>>;

/** Identifies one list while its items are looked at, one after the other. */
export class ListDigest {
  #hash: Hash | undefined;

  /** @param json the next item as `JSON.stringify` writes it */
  add(json: string): void {
    this.#hash ??= createHash('sha256');
    this.#hash.update(json).update('\n');
  }

  /** Call it once. */
  end(): string | undefined {
    return this.#hash?.digest('base64');
  }
}

/** The digests of lists that are there as a whole. */
export async function digestsOf(items: CatalogItems, slices: Slices): Promise<ListDigests> {
  const digests: Partial<Record<CatalogKind, string>> = {};
  for (const kind of CATALOG_KINDS) {
    const digest = new ListDigest();
    for (const item of items[kind]) {
      if (slices.over) await slices.next();
      digest.add(JSON.stringify(item));
    }
    const ended = digest.end();
    if (ended !== undefined) digests[kind] = ended;
  }
  return digests;
}
