import type { CacheState } from '../model/cacheState.js';

/** All that a server's cache state depends on. */
export interface CacheFacts {
  /** Of the definition now in force. */
  readonly fingerprint: string;
  /** Of the definition that the catalog at hand came from; `undefined` without a catalog. */
  readonly catalogFingerprint: string | undefined;
  readonly connection: 'none' | 'connecting' | 'open';
  /** Whether lists are being read from the server. */
  readonly refreshing: boolean;
}

/** The cache state of a server: a function of the facts, so that it can never disagree with them. */
export function deriveCacheState(facts: CacheFacts): CacheState {
  const { connection, catalogFingerprint } = facts;
  if (connection === 'connecting' || facts.refreshing)
    return catalogFingerprint === undefined ? 'RefreshingFromUnknown' : 'RefreshingFromCached';
  if (catalogFingerprint === undefined) return 'Unknown';
  if (isOutdated(facts)) return 'Outdated';
  return connection === 'open' ? 'Live' : 'Cached';
}

/** Whether a list is answered at once from the catalog at hand, or first waits up to the grace for a newer one. */
export const servesAtOnce = (facts: Pick<CacheFacts, 'fingerprint' | 'catalogFingerprint'>): boolean =>
  facts.catalogFingerprint !== undefined && !isOutdated(facts);

const isOutdated = (facts: Pick<CacheFacts, 'fingerprint' | 'catalogFingerprint'>): boolean =>
  facts.catalogFingerprint !== facts.fingerprint;
