/** What is known of a server's catalog; derived by `startup/deriveCacheState`, never assigned. */
export type CacheState =
  'Unknown' | 'Cached' | 'Outdated' | 'RefreshingFromUnknown' | 'RefreshingFromCached' | 'Live';
