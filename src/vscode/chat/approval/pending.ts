import { randomUUID } from 'node:crypto';
import type { ApprovalRequest, Choice } from './approval.js';

/** A question that the user has not answered yet. */
export interface PendingApproval {
  /** Random, so that only the buttons made for it can answer it. */
  readonly id: string;
  readonly request: ApprovalRequest;
}

interface Entry extends PendingApproval {
  readonly settle: (choice: Choice) => void;
}

/** The open questions of all chats. */
export class PendingApprovals {
  readonly #entries = new Map<string, Entry>();
  readonly #onChange: (open: number) => void;

  /** @param onChange told how many are open whenever that changes */
  constructor(onChange: (open: number) => void = () => undefined) {
    this.#onChange = onChange;
  }

  get open(): readonly PendingApproval[] {
    return [...this.#entries.values()];
  }

  /** Opens a question; it is answered with `deny` when the signal aborts. */
  add(request: ApprovalRequest, signal: AbortSignal): PendingApproval & { readonly choice: Promise<Choice> } {
    const id = randomUUID();
    const deny = (): void => {
      this.answer(id, 'deny');
    };
    const choice = new Promise<Choice>((resolve) => {
      const settle = (given: Choice): void => {
        signal.removeEventListener('abort', deny);
        resolve(given);
      };
      this.#entries.set(id, { id, request, settle });
    });
    this.#onChange(this.#entries.size);
    signal.addEventListener('abort', deny, { once: true });
    if (signal.aborted) deny();
    return { id, request, choice };
  }

  /** @returns false when no such question is open (any more) */
  answer(id: string, choice: Choice): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    this.#entries.delete(id);
    entry.settle(choice);
    this.#onChange(this.#entries.size);
    return true;
  }

  denyAll(): void {
    for (const id of [...this.#entries.keys()]) this.answer(id, 'deny');
  }
}
