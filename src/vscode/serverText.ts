import type { ServerStatus } from '../gateway/model/status.js';
import { visible } from '../base/text/visible.js';
import { cut, firstLine } from './chat/render.js';

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

const MAX_NOTIFICATION = 300;

/**
 * A text that holds words of a server's, for a notification: VS Code makes links there, of commands too, so that none can
 * be in it.
 */
export function notificationText(text: string): string {
  return cut(visible(firstLine(text), 'line').replace(/[[\]]/g, ' '), MAX_NOTIFICATION);
}

const MAX_LINES = 20;

/** The status bar's tooltip. Plain text: what servers say of themselves must not be able to format it. */
export function tooltip(
  servers: readonly ServerStatus[],
  errors: readonly { path: string; message: string }[],
): string {
  const lines = [
    ...servers.map((server) =>
      isFailed(server) && server.failure
        ? `${server.title}: ${firstLine(server.failure.message)}`
        : `${server.title}: ${stateText(server)}, ${toolsText(server.tools)}`,
    ),
    ...errors.map(({ message }) => message),
  ].map((line) => visible(line, 'line'));
  const rest = lines.length - MAX_LINES;
  return ['MCP Gateway', ...lines.slice(0, MAX_LINES), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}
