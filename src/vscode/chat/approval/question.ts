import { type ApprovalRequest, type Choice } from './approval.js';
import { cell, cut, cutWithNote, escapeMarkdown, fence, showHidden } from '../render.js';
import { titleOf } from '../toolSet.js';

/** Characters of the arguments that a question shows. */
const MAX_ARGUMENTS = 50_000;
const MAX_COLUMNS = 80;
const MAX_LINE = 200;

/** The question as Markdown: which tool of which server, and what exactly it would get. */
export function questionMarkdown({ tool, args }: ApprovalRequest): string {
  const { annotations } = tool.tool;
  const title = titleOf(tool.tool);
  const what = title === tool.tool.name ? '' : ` (${cell(title, 80)})`;
  return [
    `**Run \`${tool.name}\`${what} on ${escapeMarkdown(tool.serverTitle)}?**`,
    ...(annotations?.destructiveHint === true
      ? ['The server says that this tool can change or delete data.']
      : []),
    ...(Object.keys(args).length === 0 ? ['It gets no arguments.'] : [argumentsBlock(args)]),
  ].join('\n\n');
}

const argumentsBlock = (args: ApprovalRequest['args']): string =>
  fence(cutWithNote(wrapped(showHidden(JSON.stringify(args, undefined, 2))), MAX_ARGUMENTS), 'json');

/** Code blocks of the chat do not wrap; nothing may be far out of sight on the right. A mark shows where a line goes on. */
const wrapped = (text: string): string =>
  text.replace(new RegExp(`.{${MAX_COLUMNS}}(?=.)`, 'gu'), (line) => `${line}\n↪ `);

/** The same on one line, as plain text, for a quick pick, which would show `$(…)` as an icon. */
export const argumentsLine = ({ args }: ApprovalRequest): string =>
  Object.keys(args).length === 0
    ? 'no arguments'
    : cut(showHidden(JSON.stringify(args)), MAX_LINE).replaceAll('$(', '$ (');

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
    case 'deny':
      return `Denied ${name}; it was not run.`;
  }
}
