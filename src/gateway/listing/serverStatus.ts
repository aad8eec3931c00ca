import type { ServerView } from './directory.js';
import type { CacheState } from '../model/cacheState.js';
import type { ServerStatus } from '../model/status.js';
import { deriveCacheState } from './deriveCacheState.js';
import type { Supervisor } from '../upstream/server/supervisor.js';

/** What people are shown of a server. @param view what it offers, where that is known */
export const serverStatus = (supervisor: Supervisor, view: ServerView | undefined): ServerStatus => ({
  id: supervisor.id,
  title: supervisor.definition.title,
  transport: supervisor.definition.launch.type,
  cacheState: cacheState(supervisor),
  phase: supervisor.phase,
  tools: view?.tools.length,
  failure: supervisor.failure,
  unread: supervisor.unread,
  lastStart: supervisor.lastStart,
});

const cacheState = ({ definition, stored, phase, refreshing }: Supervisor): CacheState =>
  deriveCacheState({
    fingerprint: definition.fingerprint,
    catalogFingerprint: stored?.fingerprint,
    connection: phase === 'live' ? 'open' : phase === 'starting' ? 'connecting' : 'none',
    refreshing,
  });
