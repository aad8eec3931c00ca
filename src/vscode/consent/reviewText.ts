import { visible } from '../../base/text/visible.js';
import { cell, cutWithNote, escapeMarkdown } from '../chat/render.js';
import type { Review } from './review.js';

/** Characters of one fact in a chat, where one can scroll, and of all of a server in a dialog. */
const MAX_FACT = 4000;
const MAX_FACTS = 100;
const MAX_IN_DIALOG = 2000;

/** The question in a chat as Markdown: what each server would run or connect to, set, send and read. */
export function reviewsMarkdown(reviews: readonly Review[]): string {
  const what = reviews.length === 1 ? 'an MCP server' : `${reviews.length} MCP servers`;
  return [
    `**The settings of this workspace bring ${what} that you have not allowed yet.** What you allow runs with your rights, in this workspace, until its definition changes.`,
    ...reviews.flatMap((review) => [heading(review), factsList(review)]),
  ].join('\n\n');
}

function heading({ id, title, replaces }: Review): string {
  const name =
    title.toLowerCase() === id.toLowerCase() ? cell(title, 80) : `${cell(title, 80)} (${cell(id, 80)})`;
  return `**${name}**${replaces ? ', which replaces the server of this name in your own settings' : ''}`;
}

/** As a list, which wraps at any width: in a code block the end of a command could be out of sight. */
function factsList({ facts }: Review): string {
  const lines = facts
    .slice(0, MAX_FACTS)
    .map(
      ({ label, text }) =>
        `- ${escapeMarkdown(label)}: ${escapeMarkdown(cutWithNote(exactly(text), MAX_FACT))}`,
    );
  const rest = facts.length - lines.length;
  return [...lines, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n');
}

/** The same as plain text, for the body of a dialog. */
export function reviewDetail(review: Review): string {
  const replaced = review.replaces ? ['It replaces the server of this name in your own settings.'] : [];
  return cutWithNote([...replaced, ...factLines(review)].join('\n'), MAX_IN_DIALOG);
}

const factLines = ({ facts }: Review): readonly string[] =>
  facts.map(({ label, text }) => exactly(`${label}: ${text}`));

/** With all that is not seen as escapes, tabs and line breaks too: every character of a command counts. */
const exactly = (text: string): string =>
  visible(
    text.replace(/[\r\n\t]/g, (character) => JSON.stringify(character).slice(1, -1)),
    'name',
  );

/** What the answer keeps of the decision, as Markdown. */
export function consentMarkdown(reviews: readonly Review[], allowed: readonly Review[]): string {
  const names = (some: readonly Review[]): string => some.map(({ title }) => cell(title, 80)).join(', ');
  const denied = reviews.filter((review) => !allowed.includes(review));
  return [
    ...(allowed.length > 0
      ? [`Allowed ${names(allowed)}; “MCP Gateway: Reset Server Consents” takes it back.`]
      : []),
    ...(denied.length > 0
      ? [
          `Not allowed: ${names(denied)}. Nothing was started; “MCP Gateway: Review Servers of This Workspace…” lets you decide again.`,
        ]
      : []),
  ].join('\n\n');
}
