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
  if (catalogFingerprint !== facts.fingerprint) return 'Outdated';
  return connection === 'open' ? 'Live' : 'Cached';
}
