import type { CoveredTool } from '../../../gateway/catalog/toolDigest.js';
import type { ListedTool } from '../../../gateway/model/listing.js';
import { onlyReads } from '../../../gateway/model/readOnly.js';
import { buttonText } from '../render.js';

/**
 * What the user can answer to a tool that wants to run; `readers`: it, and whatever else its server says only reads, as
 * long as the server is started in the same way.
 */
export type Choice = 'once' | 'conversation' | 'always' | 'readers' | 'deny';

const CHOICES: readonly Choice[] = ['once', 'conversation', 'always', 'readers', 'deny'];

export interface OfferedChoice {
  readonly choice: Choice;
  /** Plain text. */
  readonly title: string;
}

/** The answers that a question offers. */
export const choicesFor = ({ tool, onlyThisCall }: ApprovalRequest): readonly OfferedChoice[] => {
  const offered: readonly OfferedChoice[] = [
    { choice: 'once', title: 'Allow once' },
    { choice: 'conversation', title: 'Allow in this conversation' },
    { choice: 'always', title: 'Always allow this tool' },
    { choice: 'readers', title: `Always allow tools of ${buttonText(tool.serverTitle)} that only read` },
    { choice: 'deny', title: 'Deny' },
  ];
  return offered.filter(({ choice }) => {
    if (choice === 'once' || choice === 'deny') return true;
    return onlyThisCall !== true && (choice !== 'readers' || onlyReads(tool.tool));
  });
};

export const isChoice = (value: unknown): value is Choice => CHOICES.some((choice) => choice === value);

/** Which tools ask: all, those that are not trusted to only read, or none. */
export type ApprovalSetting = 'always' | 'writes' | 'never';

/** What the user allowed before under the same name, and which is not what wants to run now. */
export interface Former {
  /** What the tool said of itself then; `undefined` where that was too long to be kept. */
  readonly definition: CoveredTool | undefined;
  /** Whether the tool says something else of itself now. */
  readonly toolChanged: boolean;
  /** Whether the server is started in another way now, or reached at another address. */
  readonly serverChanged: boolean;
}

/** One call that wants to run. */
export interface ApprovalRequest {
  readonly tool: ListedTool;
  readonly args: Readonly<Record<string, unknown>>;
  /** Offer no answer that holds beyond this call. */
  readonly onlyThisCall?: boolean;
  readonly former?: Former | undefined;
}

/** A way of asking the user. Resolves with `deny` when the signal aborts; never rejects. */
export type Ask = (request: ApprovalRequest, signal: AbortSignal) => Promise<Choice>;

/**
 * Whether the setting wants the user to be asked before a tool runs.
 * @param trustedToRead whether it says that it only reads, and its server is trusted to tell the truth about that
 */
export function wantsApproval(setting: ApprovalSetting, trustedToRead: boolean): boolean {
  if (setting === 'never') return false;
  return setting === 'always' || !trustedToRead;
}
