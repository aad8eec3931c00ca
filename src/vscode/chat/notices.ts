import type { WithheldServer } from '../../gateway/model/definition.js';
import type { ListedTool, Listing, Omission, OmissionReason } from '../../gateway/model/listing.js';
import { WITHHELD_TEXT } from '../serverText.js';
import type { Answer } from './answer.js';
import { cell, commandLink } from './render.js';

const MAX_NAMED = 5;

const REASONS: Readonly<Record<OmissionReason, string>> = {
  starting: 'starting',
  failed: 'failed',
  parked: 'failed too often',
  unsupported: 'speaks another revision of MCP',
  invalid: 'settings are wrong',
  ...WITHHELD_TEXT,
};

/**
 * One line about the servers that an answer lacks, or whose tools may be old, with links to what can be done.
 * @returns Markdown, or `undefined` when there is nothing to say
 */
export function absenceLine({
  omitted,
  stale,
}: Pick<Listing<ListedTool>, 'omitted' | 'stale'>): string | undefined {
  // Of those whose old tools are there, the other sentence tells.
  const missing = omitted.filter(({ server }) => !stale.includes(server));
  const sentences = [
    ...(missing.length === 0 ? [] : [omittedText(missing)]),
    ...(stale.length === 0 ? [] : [staleText(stale, omitted)]),
  ];
  if (sentences.length === 0) return undefined;
  return `${sentences.join('; ')} — ${links(missing, stale).join(' · ')}`;
}

/** Says that line in an answer, if there is one. */
export function sayAbsences(listing: Listing<ListedTool>, answer: Pick<Answer, 'notice'>): void {
  const line = absenceLine(listing);
  if (line !== undefined) answer.notice(line);
}

const omittedText = (omitted: readonly Omission[]): string =>
  `${omitted.length === 1 ? '1 server is' : `${omitted.length} servers are`} not in this answer: ` +
  named(omitted.map(({ server, reason }) => `${cell(server, 60)} (${REASONS[reason]})`));

function staleText(stale: readonly string[], omitted: readonly Omission[]): string {
  const names = stale.map((server) => {
    const why = omitted.find((omission) => omission.server === server);
    return cell(server, 60) + (why ? ` (${REASONS[why.reason]})` : '');
  });
  return `the tools of ${named(names)} are from an earlier start`;
}

function named(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function links(omitted: readonly Omission[], stale: readonly string[]): readonly string[] {
  // A server with wrong settings, or one that must not start, has no log and cannot be restarted.
  const running = [
    ...omitted
      .filter(({ reason }) => reason !== 'invalid' && !(reason in WITHHELD_TEXT))
      .map(({ server }) => server),
    ...stale,
  ];
  const has = (reason: OmissionReason): boolean => omitted.some((omission) => omission.reason === reason);
  // Without an argument the commands let the user pick the server.
  const args = running.length === 1 ? running : [];
  return [
    ...(running.length > 0
      ? [
          commandLink('Show log', 'mcpGateway.showServerLog', ...args),
          commandLink('Restart', 'mcpGateway.restartServer', ...args),
        ]
      : []),
    ...(has('needs-consent') ? [commandLink('Review', 'mcpGateway.reviewServers')] : []),
    ...(has('needs-trust') ? [commandLink('Manage trust', 'workbench.trust.manage')] : []),
    ...(has('invalid') || has('needs-folder')
      ? [commandLink('Open settings', 'mcpGateway.openSettings')]
      : []),
  ];
}

/** Says that not all tools were offered to the model, and how to name those that should be. */
export const leftOutLine = (offered: number, leftOut: number): string =>
  `The model was offered ${offered} of ${offered + leftOut} tools, those that fit the prompt best; ` +
  'write `#` and a tool’s or server’s name to choose.';

/** Says why the turn ended although the model wanted to go on. */
export const roundsLine = (rounds: number): string =>
  `Stopped after ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of tool calls. ` +
  'Write “continue” to go on, or raise `mcpGateway.chat.maxRounds`.';

export const withoutToolsLine =
  'This model does not take tools, so it answered without them. Choose another model to use your servers.';

/** Where there is no server at all. @param trusted whether what the open folder configures is read */
export const noServersLine = (trusted: boolean): string =>
  trusted
    ? `No MCP servers are configured yet — ${commandLink('Open settings', 'mcpGateway.openSettings')}`
    : `Your user settings have no MCP servers, and ${restrictedLine}`;

/** Said where the folder is not trusted: what it configures is not even read. */
export const restrictedLine = `servers in the settings of this folder are left out while it is not trusted — ${commandLink('Manage trust', 'workbench.trust.manage')}`;

/** Servers that must not start here, one line each with what to do; also those in whose place another runs. */
export const withheldLines = (withheld: readonly WithheldServer[]): string =>
  withheld.map(({ id, message }) => `- **${cell(id, 60)}**: ${cell(message, 400)}`).join('\n');
