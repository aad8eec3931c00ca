import type { ParseOptions } from '../../gateway/config/options.js';
import { parseServers } from '../../gateway/config/parse.js';
import type {
  ConfigProblem,
  DisabledServer,
  GatewayConfig,
  ServerDefinition,
  ServerId,
  WithheldServer,
} from '../../gateway/model/definition.js';
import { entryVariables } from './entryVariables.js';
import { reviewOf, type Review } from './review.js';

/** One place that servers are configured in. */
export interface Scope {
  readonly origin: 'user' | 'workspace';
  /** As it is in the settings, of whatever type. */
  readonly servers: unknown;
  /** What its variables and relative paths mean. */
  readonly options: ParseOptions;
}

export interface ScopeRules {
  /** Whether the open folder is trusted; an untrusted one's own scopes are not read at all. */
  readonly trusted: boolean;
  /** Whether the user has allowed what a workspace brings. */
  readonly allowed: (definition: ServerDefinition) => boolean;
}

export interface ScopesRead {
  readonly config: GatewayConfig;
  /** Of the servers that need the user's consent, in the order of the settings. */
  readonly reviews: readonly Review[];
}

/** What became of one scope. */
interface Outcome {
  readonly definitions: ServerDefinition[];
  readonly problems: ConfigProblem[];
  readonly withheld: WithheldServer[];
  readonly disabled: readonly DisabledServer[];
  readonly envNames: readonly string[];
  readonly waiting: Waiting[];
}

interface Waiting {
  readonly definition: ServerDefinition;
  readonly entry: unknown;
  readonly scope: Scope;
}

/**
 * Puts the scopes of the settings together. A narrower scope replaces a server of the same id as a whole: were they
 * merged, a workspace could change parts of a server that the user trusts. What a workspace brings runs only once the
 * user has allowed it; until then the server that it would replace goes on running.
 * @param scopes from wide to narrow
 */
export async function readScopes(scopes: readonly Scope[], rules: ScopeRules): Promise<ScopesRead> {
  const taken = new Set<ServerId>();
  const waiting = new Set<ServerId>();
  const outcomes: Outcome[] = [];
  for (const scope of scopes.toReversed()) outcomes.unshift(await readScope(scope, rules, taken, waiting));

  const definitions = outcomes.flatMap((outcome) => outcome.definitions);
  const running = new Set(definitions.map(({ id }) => id));
  const own = new Set(definitions.flatMap(({ id, origin }) => (origin === 'user' ? [id] : [])));
  const ownWithheld = outcomes.flatMap(({ withheld }) => withheld);
  const reviews = outcomes
    .flatMap((outcome) => outcome.waiting)
    .map(({ definition, entry, scope }) =>
      reviewOf(entry, definition, scope.options.variables, own.has(definition.id)),
    );
  const waitingIds = new Set(reviews.map(({ id }) => id));
  return {
    config: {
      definitions,
      // A workspace that gets a server wrong does not keep the one from running that it would replace.
      problems: outcomes
        .flatMap(({ problems }) => problems)
        .map((problem) =>
          problem.server !== undefined && running.has(problem.server)
            ? { ...problem, severity: 'warning' }
            : problem,
        ),
      withheld: [...ownWithheld.filter(({ id }) => !waitingIds.has(id)), ...reviews.map(needsConsent)],
      disabled: outcomes.flatMap(({ disabled }) => disabled).filter(({ id }) => !waitingIds.has(id)),
      envNames: [...new Set(outcomes.flatMap(({ envNames }) => envNames))],
    },
    reviews,
  };
}

/**
 * @param taken the servers that a narrower scope has decided on
 * @param waiting those that a narrower scope would have
 */
async function readScope(
  scope: Scope,
  { trusted, allowed }: ScopeRules,
  taken: Set<ServerId>,
  waiting: Set<ServerId>,
): Promise<Outcome> {
  const { servers, options, origin } = scope;
  const entries = isRecord(servers) ? Object.entries(servers).filter(([id]) => !taken.has(id)) : undefined;
  const parsed = await parseServers(entries ? Object.fromEntries(entries) : servers, options);
  const found: Outcome = {
    definitions: [],
    problems: [],
    withheld: [],
    disabled: parsed.disabled ?? [],
    envNames: parsed.envNames ?? [],
    waiting: [],
  };
  const ids = new Set(entries?.map(([id]) => id));
  found.problems.push(...parsed.problems.filter(({ server }) => server === undefined || !ids.has(server)));
  for (const [id, entry] of entries ?? []) {
    const definition = parsed.definitions.find((one) => one.id === id);
    const problems = parsed.problems.filter(({ server }) => server === id);
    const failed = problems.some(({ severity }) => severity === 'error');
    const elsewhere =
      origin === 'user' && (definition !== undefined || failed)
        ? outOfPlace(id, entry, options, trusted)
        : undefined;
    if (elsewhere) {
      found.withheld.push(elsewhere);
      continue;
    }
    found.problems.push(...problems);
    if (definition && origin === 'workspace' && !allowed(definition)) {
      if (!waiting.has(id)) found.waiting.push({ definition, entry, scope });
      waiting.add(id);
      continue;
    }
    if (definition) found.definitions.push({ ...definition, origin });
    // What is switched off is so for the wider scopes too: a workspace may leave out, but not put something else in place.
    if (!failed) taken.add(id);
  }
  return found;
}

/** Why a server of the user's own must not start here: it is about a folder that is not open, or not trusted. */
function outOfPlace(
  id: ServerId,
  entry: unknown,
  { variables: { workspaceFolders } }: ParseOptions,
  trusted: boolean,
): WithheldServer | undefined {
  const used = entryVariables(entry).filter(({ name }) => name === 'workspaceFolder');
  const [first] = used;
  if (!first) return undefined;
  const title = titleIn(entry) ?? id;
  const elsewhere = used.find(({ argument }) =>
    argument === undefined ? workspaceFolders.size !== 1 : !workspaceFolders.has(argument),
  );
  if (elsewhere) {
    const { text, argument } = elsewhere;
    const why =
      argument === undefined && workspaceFolders.size > 1
        ? 'which could be one of several folders here. Write ${workspaceFolder:name} to name one.'
        : argument === undefined || workspaceFolders.size === 0
          ? 'and no folder is open. It starts in windows with a folder.'
          : 'and no folder of that name is open here.';
    return { id, title, reason: 'needs-folder', message: `${title} uses ${text}, ${why}` };
  }
  if (trusted) return undefined;
  return {
    id,
    title,
    reason: 'needs-trust',
    message: `${title} uses ${first.text}, and this folder is not trusted. Trust the folder to start it.`,
  };
}

const needsConsent = ({ id, title, replaces }: Review): WithheldServer => ({
  id,
  title,
  reason: 'needs-consent',
  message: replaces
    ? `The settings of this workspace replace ${title}; yours goes on running until you allow that with “MCP Gateway: Review Servers of This Workspace…”.`
    : `The settings of this workspace bring ${title}; it starts once you allow that with “MCP Gateway: Review Servers of This Workspace…”.`,
});

const titleIn = (entry: unknown): string | undefined => {
  const title: unknown = isRecord(entry) ? entry['title'] : undefined;
  return typeof title === 'string' && title.trim() !== '' ? title.trim() : undefined;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
