import type { ListedTool } from '../../../gateway/model/listing.js';

/** What the user can answer to a tool that wants to run. */
export type Choice = 'once' | 'conversation' | 'always' | 'deny';

export const CHOICES: readonly { readonly choice: Choice; readonly title: string }[] = [
  { choice: 'once', title: 'Allow once' },
  { choice: 'conversation', title: 'Allow in this conversation' },
  { choice: 'always', title: 'Always allow this tool' },
  { choice: 'deny', title: 'Deny' },
];

/** The answers that a question offers. */
export const choicesFor = ({ onlyThisCall }: ApprovalRequest): typeof CHOICES =>
  onlyThisCall ? CHOICES.filter(({ choice }) => choice === 'once' || choice === 'deny') : CHOICES;

export const isChoice = (value: unknown): value is Choice => CHOICES.some(({ choice }) => choice === value);

/** Which tools ask: all, those that do not say that they only read, or none. */
export type ApprovalSetting = 'always' | 'writes' | 'never';

/** One call that wants to run. */
export interface ApprovalRequest {
  readonly tool: ListedTool;
  readonly args: Readonly<Record<string, unknown>>;
  /** Offer no answer that holds beyond this call. */
  readonly onlyThisCall?: boolean;
}

/** A way of asking the user. Resolves with `deny` when the signal aborts; never rejects. */
export type Ask = (request: ApprovalRequest, signal: AbortSignal) => Promise<Choice>;

/** Whether the setting wants the user to be asked before this tool runs; the hint is the server's own word. */
export function wantsApproval(setting: ApprovalSetting, { tool }: ListedTool): boolean {
  if (setting === 'never') return false;
  return setting === 'always' || tool.annotations?.readOnlyHint !== true;
}
