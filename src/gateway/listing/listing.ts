import type { NameForm } from '../model/nameForm.js';
import type { Directory, ServerView, ViewItems } from './directory.js';
import type { CatalogKind } from '../model/catalog.js';
import type { ConfigProblem, ServerId, WithheldServer } from '../model/definition.js';
import type { Listing, Omission } from '../model/listing.js';
import { raceAgainstGrace, type GraceEpoch } from './grace.js';
import { REVISION_REFUSED } from '../upstream/server/failure.js';
import type { Supervisor } from '../upstream/server/supervisor.js';

/** A server together with what is left of its grace. */
export interface Member {
  readonly supervisor: Supervisor;
  readonly epoch: GraceEpoch;
}

/** What a listing is made from. */
export interface ListingSources {
  readonly members: readonly Member[];
  readonly problems: readonly ConfigProblem[];
  /** Servers that must not start, and in whose place none runs. */
  readonly withheld: readonly WithheldServer[];
  readonly directory: Directory;
  readonly gracePeriodMs: number;
  /** Of the items' names; the canonical one where it is left out. */
  readonly names?: NameForm | undefined;
}

/**
 * Every list method's one way: servers with a current catalog serve at once and none is started for them; for the
 * others a start is awaited, all in parallel, each for the rest of its grace. What is then still missing is named in
 * `omitted`, what is old in `stale`, and where something went wrong with what is old, in both.
 * @throws the signal's reason when it aborts first
 */
export async function list<K extends keyof ViewItems>(
  kind: K,
  sources: ListingSources,
  signal?: AbortSignal,
): Promise<Listing<ViewItems[K][number]>> {
  signal?.throwIfAborted();
  await Promise.all(sources.members.map((member) => ready(member, kind, sources.gracePeriodMs, signal)));

  const omitted: Omission[] = [
    ...invalidServers(sources.problems),
    ...sources.withheld.map(({ id, reason, message }) => ({ server: id, reason, message })),
  ];
  const stale: string[] = [];
  const views: ServerView[] = [];
  for (const { supervisor } of sources.members) {
    // Removed from the settings while the list waited.
    if (supervisor.phase === 'disposed') continue;
    const view = sources.directory.view(supervisor, sources.names);
    if (view) views.push(view);
    const omission = view ? partOmission(supervisor, kind) : serverOmission(supervisor);
    if (omission) omitted.push(omission);
    if (view && (!supervisor.isCurrent() || (omission?.kind && view[kind].length > 0)))
      stale.push(supervisor.id);
  }
  const items = views.flatMap((view): readonly ViewItems[K][number][] => view[kind]);
  return { items, omitted, stale };
}

async function ready(
  { supervisor, epoch }: Member,
  kind: CatalogKind,
  graceMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isReady(supervisor, kind)) return;
  // No part of the grace, which is for servers.
  await supervisor.load(signal);
  if (isReady(supervisor, kind)) return;
  const attempt = supervisor.attemptForList();
  if (attempt) await raceAgainstGrace(attempt, epoch.remaining(graceMs, performance.now()), signal);
}

/** What could not be read by an earlier start is worth another; a running server is asked again without anybody waiting. */
const isReady = (supervisor: Supervisor, kind: CatalogKind): boolean =>
  supervisor.isCurrent() && (supervisor.unread[kind] === undefined || supervisor.phase === 'live');

/** Why nothing at all is known of a server. */
function serverOmission(supervisor: Supervisor): Omission {
  const { id, definition, failure } = supervisor;
  const failed = failedOmission(supervisor);
  if (failed) return failed;
  const starting = `${definition.title} is still starting. Its tools come with the next request after it is ready.`;
  const before = failure ? ` The start before failed: ${failure.message}` : '';
  return { server: id, reason: 'starting', message: `${starting}${before}` };
}

/** Why some of what is known of a server is missing or old, where something went wrong. */
function partOmission(supervisor: Supervisor, kind: CatalogKind): Omission | undefined {
  if (!supervisor.isCurrent()) return failedOmission(supervisor);
  const unread = supervisor.unread[kind];
  return unread && { server: supervisor.id, kind, reason: 'failed', message: unread.message };
}

function failedOmission({ id, failure, phase }: Supervisor): Omission | undefined {
  if (!failure) return undefined;
  if (phase === 'waiting') return { server: id, reason: 'failed', message: failure.message };
  if (phase !== 'parked') return undefined;
  if (failure.code === REVISION_REFUSED)
    return { server: id, reason: 'unsupported', message: failure.message };
  return {
    server: id,
    reason: 'parked',
    message: `It failed too often and is only tried now and then; restart it to try at once. ${failure.message}`,
  };
}

/** One omission a server, however much is wrong with its settings. */
function invalidServers(problems: readonly ConfigProblem[]): Omission[] {
  const messages = new Map<ServerId, string[]>();
  for (const { server, severity, path, message } of problems) {
    if (server === undefined || severity !== 'error') continue;
    const sentence = message.includes(path) ? message : `${path}: ${message}`;
    messages.set(server, [...(messages.get(server) ?? []), sentence]);
  }
  return [...messages].map(([server, sentences]) => ({
    server,
    reason: 'invalid',
    message: sentences.join(' '),
  }));
}
