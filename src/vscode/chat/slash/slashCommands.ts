import type { Gateway } from '../../../gateway/api.js';
import type { Logger } from '../../../gateway/ports.js';
import type { Answer } from '../answer.js';
import { readCall } from './callCommand.js';
import { commandLink, escapeMarkdown } from '../render.js';
import { noServersLine, restrictedLine, sayAbsences } from '../notices.js';
import { callWithProgress, failureText } from '../turn/runCalls.js';
import { resultAsMarkdown } from './showResult.js';
import { serversMarkdown, toolsMarkdown } from './slashTables.js';
import { ToolSet } from '../turn/toolSet.js';

export interface SlashParts {
  readonly gateway: Gateway;
  readonly answer: Answer;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Whether what the open folder configures is read. */
  readonly trusted: boolean;
}

/** What works without a model, by the name of the slash command. */
export const slashCommands: ReadonlyMap<string, (prompt: string, parts: SlashParts) => Promise<void>> =
  new Map([
    ['servers', servers],
    ['tools', tools],
    ['call', call],
    ['refresh', refresh],
  ]);

function servers(
  _prompt: string,
  { gateway, answer, trusted }: Pick<SlashParts, 'gateway' | 'answer' | 'trusted'>,
): Promise<void> {
  if (!hasServers(gateway)) {
    answer.notice(noServersLine(trusted));
    return Promise.resolve();
  }
  answer.notice(serversMarkdown(gateway.servers(), gateway.problems, gateway.withheld));
  if (gateway.withheld.some(({ reason }) => reason === 'needs-consent'))
    answer.notice(commandLink('Review the servers of this workspace', 'mcpGateway.reviewServers'));
  if (!trusted) answer.notice(`In Restricted Mode, ${restrictedLine}`);
  return Promise.resolve();
}

async function tools(_prompt: string, { gateway, answer, signal, trusted }: SlashParts): Promise<void> {
  if (!hasServers(gateway)) {
    answer.notice(noServersLine(trusted));
    return;
  }
  const listing = await gateway.listTools(signal);
  answer.notice(listing.items.length > 0 ? toolsMarkdown(listing.items) : 'No tools are there.');
  sayAbsences(listing, answer);
}

/** The user typed the call, so it needs no approval. */
async function call(prompt: string, parts: SlashParts): Promise<void> {
  const { gateway, answer, signal } = parts;
  const listing = await gateway.listTools(signal);
  const request = readCall(prompt, new ToolSet(listing.items, 0), listing.omitted.length === 0);
  if ('problem' in request) {
    answer.notice(request.problem);
    return;
  }
  try {
    answer.notice(
      resultAsMarkdown(
        await callWithProgress(request.target, request.args, { ...parts, checkArguments: true }),
      ),
    );
  } catch (error) {
    answer.notice(`**The call failed.** ${escapeMarkdown(failureText(error))}`);
  }
}

async function refresh(prompt: string, parts: SlashParts): Promise<void> {
  const { gateway, answer, signal } = parts;
  const count = gateway.servers().length;
  if (count > 0) answer.progress(`Refreshing ${count === 1 ? '1 server' : `${count} servers`}…`);
  await gateway.refreshAll(signal);
  await servers(prompt, parts);
}

const hasServers = (gateway: Gateway): boolean =>
  gateway.servers().length + gateway.problems.length + gateway.withheld.length > 0;
