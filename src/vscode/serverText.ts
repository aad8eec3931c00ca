import type {
  ConfigProblem,
  DisabledServer,
  WithheldReason,
  WithheldServer,
} from '../gateway/model/definition.js';
import { reasonInOneLine } from '../gateway/model/failure.js';
import type { ServerStatus } from '../gateway/model/status.js';
import { visible } from '../base/text/visible.js';

/** Why a server must not start here, in a few words. */
export const WITHHELD_TEXT: Readonly<Record<WithheldReason, string>> = {
  'needs-consent': 'needs your consent',
  'needs-trust': 'needs a trusted folder',
  'needs-folder': 'needs a folder that is not open',
};

/** Whether a server does not run because something went wrong. */
export const isFailed = ({ phase }: Pick<ServerStatus, 'phase'>): boolean =>
  phase === 'waiting' || phase === 'parked';

/** A server's state in a few words, the same wherever it is shown. */
export function stateText({ phase, cacheState, failure }: ServerStatus): string {
  if (phase === 'starting') return 'starting';
  if (phase === 'waiting') return 'failed';
  if (phase === 'parked' && failure?.code === 'revision') return 'speaks another revision of MCP';
  if (phase === 'parked') return 'failed too often, tried now and then';
  if (cacheState === 'RefreshingFromCached' || cacheState === 'RefreshingFromUnknown') return 'refreshing';
  if (phase === 'live') return failure ? 'live, last refresh failed' : 'live';
  return { Unknown: 'not started yet', Cached: 'cached', Outdated: 'outdated', Live: 'live' }[cacheState];
}

/** `12 tools`, `1 tool`, or `tools not known yet`. */
export const toolsText = (tools: number | undefined): string =>
  tools === undefined ? 'tools not known yet' : `${tools} ${tools === 1 ? 'tool' : 'tools'}`;

/** What an error says of a server's settings. */
type SettingsError = Pick<ConfigProblem, 'path' | 'server' | 'message'>;

/**
 * Tools and servers in numbers that add up, for screen readers.
 * @param errors in the settings; a server that has one is not among `servers`
 */
export function summaryText(
  servers: readonly ServerStatus[],
  errors: readonly Pick<SettingsError, 'server'>[],
): string {
  const tools = servers.reduce((sum, server) => sum + (server.tools ?? 0), 0);
  const invalid = new Set(errors.flatMap(({ server }) => server ?? [])).size;
  const all = servers.length + invalid;
  const counts = {
    running: servers.filter(({ phase }) => phase === 'live').length,
    starting: servers.filter(({ phase }) => phase === 'starting').length,
    failed: servers.filter(isFailed).length + invalid,
  };
  const named = { ...counts, 'not running': all - counts.running - counts.starting - counts.failed };
  const parts = Object.entries(named).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  return `${toolsText(tools)}; ${all} ${all === 1 ? 'server' : 'servers'}: ${parts.join(', ') || 'none running'}`;
}

const MAX_NOTIFICATION = 300;
/** Of a reason that is longer the beginning and the end are shown: what a server wrote last says most. */
const MAX_REASON = 200;

/**
 * A text that holds words of a server's, for a notification: VS Code makes links there, of commands too, so that none can
 * be in it.
 */
export function notificationText(text: string): string {
  return cutMiddle(visible(reasonInOneLine(text), 'line').replace(/[[\]]/g, ' '), MAX_NOTIFICATION);
}

const cutMiddle = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most / 2)}…${text.slice(-most / 2)}`;

const MAX_LINES = 20;
/** Lines of problems; the list of servers has them all. */
const MAX_PROBLEMS = 100;

/**
 * The status bar's tooltip, problems first: servers that are well make room for them. Plain text: what servers say of
 * themselves must not be able to format it.
 */
export function tooltip(
  servers: readonly ServerStatus[],
  errors: readonly SettingsError[],
  withheld: readonly WithheldServer[] = [],
  disabled: readonly DisabledServer[] = [],
): string {
  const isTroubled = (server: ServerStatus): boolean =>
    isFailed(server) || Object.keys(server.unread).length > 0;
  const reason = (message: string): string => cutMiddle(reasonInOneLine(message), MAX_REASON);
  const problems = [
    ...servers.filter(isFailed).map((server) => `${server.title}: ${reason(reasonOf(server))}`),
    ...errors.map(({ path, server, message }) => `${server ?? path}: ${reason(message)}`),
    ...servers
      .filter((server) => isTroubled(server) && !isFailed(server))
      .map((server) => `${server.title}: ${reason(reasonOf(server))}`),
    ...withheld.map(({ message }) => reason(message)),
  ];
  const well = [
    ...servers
      .filter((server) => !isTroubled(server))
      .map((server) => `${server.title}: ${stateText(server)}, ${toolsText(server.tools)}`),
    ...disabled.map(({ title }) => `${title}: disabled`),
  ];
  const shown = problems.slice(0, MAX_PROBLEMS);
  const room = Math.max(0, MAX_LINES - shown.length);
  const rest = problems.length - shown.length + Math.max(0, well.length - room);
  return [
    'MCP Gateway',
    ...[...shown, ...well.slice(0, room)].map((line) => visible(line, 'line')),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('\n');
}

const reasonOf = (server: ServerStatus): string =>
  (isFailed(server) ? server.failure : Object.values(server.unread)[0])?.message ?? stateText(server);
