import type { ServerFilter } from '../api.js';
import { compileFilter } from '../catalog/filter.js';
import { nearestNames } from '../../base/text/nearest.js';
import { mayBeOf } from '../catalog/publicName.js';
import { CANONICAL_NAMES, type NameForm } from '../model/nameForm.js';
import type { Directory, ServerView } from './directory.js';
import type { ServerId, WithheldServer } from '../model/definition.js';
import { serverUnavailable, unknownName } from '../model/errors.js';
import type { Listing } from '../model/listing.js';
import type { Supervisor } from '../upstream/server/supervisor.js';

/** What a public name can stand for. */
export interface Named {
  tool: ServerView['tools'][number];
  prompt: ServerView['prompts'][number];
}

/** Where names are looked up, and how more of them become known. */
export interface NameSources {
  readonly directory: Directory;
  readonly supervisors: () => readonly Supervisor[];
  readonly withheld: () => readonly WithheldServer[];
  readonly list: (
    kind: 'tools' | 'prompts',
    signal?: AbortSignal,
    sees?: ServerFilter,
    names?: NameForm,
  ) => Promise<Listing<{ readonly name: string }>>;
}

/** The same for somebody who sees only some servers: to them the others are not there. */
export const namesSeen = (sources: NameSources, sees: ServerFilter): NameSources => ({
  directory: sources.directory,
  supervisors: () => sources.supervisors().filter(({ id }) => sees(id)),
  withheld: () => sources.withheld().filter(({ id }) => sees(id)),
  list: (kind, signal, _all, names) => sources.list(kind, signal, sees, names),
});

/**
 * Finds what a public name stands for: among what is known; then on the server that the name points at, which is
 * started if its catalog is missing or old; then, for the nearest names, in a list. Other servers are not waited for.
 * @param form of the names that the asker lists; canonical ones are understood besides
 * @throws `unknown-name` with the nearest names, `server-unavailable` for a server that must not start, or what starting
 * that server throws
 */
export async function resolveName<K extends keyof Named>(
  kind: K,
  name: string,
  sources: NameSources,
  signal?: AbortSignal,
  form: NameForm = CANONICAL_NAMES,
): Promise<[Supervisor, Named[K]]> {
  const find = (): [Supervisor, Named[K]] | undefined =>
    findName(kind, name, sources, form) ?? findName(kind, name, sources, CANONICAL_NAMES);
  const known = find();
  if (known) return known;

  const failures: unknown[] = [];
  for (const supervisor of sources.supervisors().filter(({ id }) => mayBeOf(name, id))) {
    await supervisor.load(signal);
    const cached = find();
    if (cached) return cached;
    if (supervisor.isCurrent()) continue;
    // Another server may be meant as well; only when none has the name does the failure say something.
    await supervisor.connect(signal).catch((error: unknown) => failures.push(error));
    signal?.throwIfAborted();
    const started = find();
    if (started) return started;
  }
  if (kind === 'tool')
    for (const supervisor of sources.supervisors()) {
      const own = ownName(name, supervisor.id, sources.directory, [form, CANONICAL_NAMES]);
      const unlisted = own === undefined ? undefined : unlistedTool(supervisor, own, sources.directory);
      if (unlisted) return [supervisor, unlisted as Named[K]];
    }
  if (failures.length > 0) throw failures[0];

  const { items } = await sources.list(`${kind}s`, signal, undefined, form);
  const listed = find();
  if (listed) return listed;
  const withheld = sources.withheld().find(({ id }) => mayBeOf(name, id));
  if (withheld) throw serverUnavailable(withheld.id, withheld.message);
  const candidates = items.map((item) => item.name);
  throw unknownName(kind, name, nearestNames(name, candidates));
}

/**
 * Finds a tool by the name that its own server gives it; the server is started if its catalog is missing or old.
 * @throws `unknown-name` with the nearest names of that server, or what starting it throws
 */
export async function findOwnTool(
  supervisor: Supervisor,
  name: string,
  directory: Directory,
  signal?: AbortSignal,
): Promise<Named['tool']> {
  const tools = (): ServerView['tools'] => directory.view(supervisor)?.tools ?? [];
  const find = (): Named['tool'] | undefined => directory.ownTool(supervisor, name);
  const known = find();
  if (known) return known;
  await supervisor.load(signal);
  if (!find() && !supervisor.isCurrent()) await supervisor.connect(signal);
  const found = find() ?? unlistedTool(supervisor, name, directory);
  if (found) return found;
  const own = tools().map(({ tool }) => tool.name);
  throw unknownName('tool', name, nearestNames(name, own));
}

/**
 * A tool of which nothing but the name is known, on a server whose tools could not be listed: it may have it all the same,
 * and answers for itself. What the filter hides stays hidden.
 */
export function unlistedTool(
  supervisor: Supervisor,
  name: string,
  directory: Directory,
): Named['tool'] | undefined {
  const { id, definition } = supervisor;
  if (!supervisor.unread.tools || name === '' || !compileFilter(definition.filter)(name)) return undefined;
  const { title, fingerprint } = definition;
  const tool = { name, inputSchema: {} };
  return { name: directory.nameOf(id, name), server: id, serverTitle: title, fingerprint, tool };
}

/** The server's own name of a tool, where its public name still shows it. */
function ownName(
  name: string,
  server: ServerId,
  directory: Directory,
  forms: readonly NameForm[],
): string | undefined {
  const prefix = `${server}__`;
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return forms.some((form) => directory.nameOf(server, own, form) === name) ? own : undefined;
}

function findName<K extends keyof Named>(
  kind: K,
  name: string,
  { directory, supervisors }: NameSources,
  form: NameForm,
): [Supervisor, Named[K]] | undefined {
  for (const supervisor of supervisors()) {
    const view = directory.view(supervisor, form);
    const found = kind === 'tool' ? view?.toolsByName.get(name) : view?.promptsByName.get(name);
    if (found) return [supervisor, found as Named[K]];
  }
  return undefined;
}
