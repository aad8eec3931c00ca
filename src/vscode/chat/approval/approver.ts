import type { ListedTool } from '../../../gateway/model/listing.js';
import type { Logger } from '../../../gateway/ports.js';
import { type ApprovalRequest, type ApprovalSetting, type Ask, wantsApproval } from './approval.js';
import type { Grants } from './grants.js';

export interface ApproverParts {
  /** Read for each call, so that a change of the setting holds at once. */
  readonly setting: () => ApprovalSetting;
  readonly grants: Grants;
  /** As `Gateway.isTrustedReadOnly`. */
  readonly trustedToRead: (tool: ListedTool) => boolean;
  readonly conversation: string;
  readonly ask: Ask;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * Decides for one turn whether a call may run. Questions come one after another, so that each is answered with its own
 * arguments in view and an answer that covers the next call spares its question; calls that need none do not wait.
 */
export class Approver {
  readonly #parts: ApproverParts;
  #lastQuestion: Promise<unknown> = Promise.resolve();

  constructor(parts: ApproverParts) {
    this.#parts = parts;
  }

  /** @returns false as well when the signal aborts while the question is open */
  async allows(request: ApprovalRequest, signal: AbortSignal): Promise<boolean> {
    if (this.#needsNoQuestion(request.tool)) return !signal.aborted;
    const question = this.#lastQuestion.then(() => this.#ask(request, signal));
    this.#lastQuestion = question.catch(() => undefined);
    return question;
  }

  async #ask(request: ApprovalRequest, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#needsNoQuestion(request.tool)) return true;
    const { grants, conversation, log, setting, ask } = this.#parts;
    const onlyThisCall = setting() === 'always';
    const former = request.former ?? grants.former(request.tool, conversation);
    const choice = await ask({ ...request, onlyThisCall, former }, signal);
    if (choice === 'deny') return false;
    await grants.remember(choice, request.tool, conversation).catch((error: unknown) => {
      log.warn(
        `The approval of ${request.tool.name} could not be stored; it will be asked for again: ${String(error)}`,
      );
    });
    return true;
  }

  #needsNoQuestion(tool: ListedTool): boolean {
    const { setting, grants, conversation, trustedToRead } = this.#parts;
    const value = setting();
    // Who wants to be asked always is asked whatever was allowed under another setting.
    return (
      !wantsApproval(value, trustedToRead(tool)) || (value !== 'always' && grants.allows(tool, conversation))
    );
  }
}
