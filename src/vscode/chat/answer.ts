import { cut, escapeMarkdown } from './render.js';

const MAX_PROGRESS = 200;

/** Where an answer goes. After the turn has ended, or was stopped, nothing that is said here is an error. */
export interface Answer {
  /** The model's words: Markdown that may not run commands. */
  readonly words: (markdown: string) => void;
  /**
   * The gateway's own words, a paragraph; they may hold links to the commands in `LINKED_COMMANDS` and are left out of
   * what the next turn's model reads. What comes from others must be escaped in them.
   */
  readonly notice: (markdown: string) => void;
  /** A line with a spinner that goes when something else is said; Markdown, so what comes from others is escaped. */
  readonly progress: (markdown: string) => void;
  readonly button: (title: string, command: string, args: readonly unknown[]) => void;
}

/** The commands that links in the gateway's own words may run. */
export const LINKED_COMMANDS = [
  'mcpGateway.showServerLog',
  'mcpGateway.restartServer',
  'mcpGateway.openSettings',
  'mcpGateway.reviewServers',
  'workbench.trust.manage',
] as const;

/** A progress line made of text that is not ours. */
export const progressText = (text: string): string => escapeMarkdown(cut(text, MAX_PROGRESS));
