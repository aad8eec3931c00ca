import type { ConfigProblem, WithheldServer } from '../../../gateway/model/definition.js';
import type { ListedTool } from '../../../gateway/model/listing.js';
import type { ServerStatus } from '../../../gateway/model/status.js';
import { stateText } from '../../serverText.js';
import { withheldLines } from '../notices.js';
import { cell, firstLine, table } from '../render.js';

const MAX_SERVERS = 200;
const MAX_FAILURES = 20;
const MAX_REASON = 300;
/** With more tools than this their descriptions are left out. */
const MAX_DESCRIBED = 300;
const MAX_NAMED = 2000;
const MAX_DESCRIPTION = 160;

/** `/servers`: a table, then one line for each server that is not well. */
export function serversMarkdown(
  servers: readonly ServerStatus[],
  problems: readonly ConfigProblem[],
  withheld: readonly WithheldServer[],
): string {
  const rows = servers
    .slice(0, MAX_SERVERS)
    .map((server) => [
      cell(nameOf(server), 80),
      cell(stateText(server)),
      server.tools === undefined ? '?' : String(server.tools),
      server.transport,
      startText(server.lastStart),
    ]);
  const notices = withheld.slice(0, MAX_FAILURES);
  const failures = [
    ...servers.flatMap(({ id, failure }) => (failure ? [failureLine(id, failure.message)] : [])),
    ...problems.map(({ path, server, message }) => failureLine(server ?? path, message)),
  ];
  const rest = failures.length - MAX_FAILURES;
  return [
    ...(rows.length > 0 ? [table(['Server', 'State', 'Tools', 'Transport', 'Last start'], rows)] : []),
    ...(servers.length > MAX_SERVERS ? [`And ${servers.length - MAX_SERVERS} more servers.`] : []),
    ...(failures.length > 0 ? [failures.slice(0, MAX_FAILURES).join('\n')] : []),
    ...(rest > 0 ? [`And ${rest} more problems; see the log.`] : []),
    ...(notices.length > 0 ? [withheldLines(notices)] : []),
    ...(withheld.length > notices.length
      ? [`And ${withheld.length - notices.length} more servers that do not start here; see the log.`]
      : []),
  ].join('\n\n');
}

/** The id is what the settings and the tools' names have; a title that differs by case only says no more. */
const nameOf = ({ id, title }: ServerStatus): string =>
  title.toLowerCase() === id.toLowerCase() ? title : `${title} (${id})`;

const failureLine = (server: string, message: string): string =>
  `- **${cell(server, 60)}**: ${cell(message, MAX_REASON)}`;

/** Time of day and how long it took. */
function startText(lastStart: ServerStatus['lastStart']): string {
  if (!lastStart) return '–';
  const at = cell(new Date(lastStart.at).toLocaleTimeString(undefined, { timeStyle: 'short' }));
  return lastStart.durationMs === undefined ? at : `${at} (${durationText(lastStart.durationMs)})`;
}

const durationText = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** `/tools`: grouped by server in the order of the listing; without descriptions when there are very many. */
export function toolsMarkdown(tools: readonly ListedTool[]): string {
  const described = tools.length <= MAX_DESCRIBED;
  const groups = new Map<string, ListedTool[]>();
  for (const tool of tools.slice(0, MAX_NAMED))
    groups.set(tool.server, [...(groups.get(tool.server) ?? []), tool]);
  const sections = [...groups].map(([server, group]) => {
    const heading = `#### ${cell(group[0]?.serverTitle ?? server, 80)} (${group.length})`;
    const names = described
      ? group.map(toolLine).join('\n')
      : group.map(({ name }) => `\`${name}\``).join(', ');
    return `${heading}\n\n${names}`;
  });
  const rest = tools.length - MAX_NAMED;
  return [...sections, ...(rest > 0 ? [`And ${rest} more tools.`] : [])].join('\n\n');
}

function toolLine({ name, tool }: ListedTool): string {
  const description = cell(firstLine(tool.description ?? ''), MAX_DESCRIPTION);
  return `- \`${name}\`${description === '' ? '' : ` — ${description}`}`;
}
