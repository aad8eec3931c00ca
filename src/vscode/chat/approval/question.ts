import { onlyReads } from '../../../gateway/model/readOnly.js';
import { visible } from '../../../base/text/visible.js';
import { cell, cut, cutWithNote, escapeMarkdown, fence } from '../render.js';
import { titleOf } from '../turn/toolSet.js';
import type { ApprovalRequest, Choice, Former } from './approval.js';
import { differenceMarkdown, wrapped } from './difference.js';

/** Characters of the arguments that a question shows. */
const MAX_ARGUMENTS = 50_000;
const MAX_LINE = 200;

/** The question as Markdown: which tool of which server, what has changed about it, and what exactly it would get. */
export function questionMarkdown({ tool, args, former }: ApprovalRequest): string {
  const { annotations } = tool.tool;
  const title = titleOf(tool.tool);
  const what = title === tool.tool.name ? '' : ` (${cell(title, 80)})`;
  return [
    `**Run \`${tool.name}\`${what} on ${escapeMarkdown(tool.serverTitle)}?**`,
    ...(annotations?.destructiveHint === true
      ? ['The server says that this tool can change or delete data.']
      : []),
    ...(onlyReads(tool.tool) ? ['The server says that this tool only reads.'] : []),
    ...(former ? changesSince(former, tool) : []),
    ...(Object.keys(args).length === 0 ? ['It gets no arguments.'] : [argumentsBlock(args)]),
  ].join('\n\n');
}

function changesSince(
  { definition, toolChanged, serverChanged }: Former,
  { tool }: ApprovalRequest['tool'],
): readonly string[] {
  const server = serverChanged
    ? ['You allowed it before, but its server is started in another way now, or reached at another address.']
    : [];
  if (!toolChanged) return server;
  const what = definition
    ? 'What it says of itself has changed since you allowed it:'
    : 'What it says of itself has changed since you allowed it, which was too long to be kept. Now it says:';
  return [...server, what, differenceMarkdown(definition, tool)];
}

function argumentsBlock(args: ApprovalRequest['args']): string {
  const lines = visible(JSON.stringify(args, undefined, 2))
    .split('\n')
    .flatMap(wrapped);
  return fence(cutWithNote(lines.join('\n'), MAX_ARGUMENTS), 'json');
}

/** The same on one line, as plain text, for a quick pick, which would show `$(…)` as an icon. */
export const argumentsLine = ({ args }: ApprovalRequest): string =>
  Object.keys(args).length === 0
    ? 'no arguments'
    : cut(visible(JSON.stringify(args)), MAX_LINE).replaceAll('$(', '$ (');

/** What the answer keeps of the decision. */
export function decisionMarkdown({ tool }: ApprovalRequest, choice: Choice): string {
  const name = `\`${tool.name}\``;
  switch (choice) {
    case 'once':
      return `Allowed ${name} once.`;
    case 'conversation':
      return `Allowed ${name} in this conversation.`;
    case 'always':
      return `Always allowing ${name} from now on; “Reset Tool Approvals” takes it back.`;
    case 'readers':
      return `Always allowing what ${escapeMarkdown(tool.serverTitle)} says only reads, ${name} among it, as long as the server stays as it is; “Reset Tool Approvals” takes it back.`;
    case 'deny':
      return `Denied ${name}; it was not run.`;
  }
}
