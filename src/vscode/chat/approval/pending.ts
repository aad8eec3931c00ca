import { randomUUID } from 'node:crypto';

/** A question that the user has not answered yet. */
export interface PendingQuestion<Request> {
  /** Random, so that only the buttons made for it can answer it. */
  readonly id: string;
  readonly request: Request;
}

interface Entry<Request, Choice> extends PendingQuestion<Request> {
  readonly settle: (choice: Choice) => void;
}

/** The open questions of one kind in all chats. */
export class PendingQuestions<Request, Choice> {
  readonly #entries = new Map<string, Entry<Request, Choice>>();
  readonly #denial: Choice;
  readonly #onChange: (open: number) => void;

  /**
   * @param denial the answer of a question that nobody answers
   * @param onChange told how many are open whenever that changes
   */
  constructor(denial: Choice, onChange: (open: number) => void = () => undefined) {
    this.#denial = denial;
    this.#onChange = onChange;
  }

  get open(): readonly PendingQuestion<Request>[] {
    return [...this.#entries.values()];
  }

  /** Opens a question; it is answered with the denial when the signal aborts. */
  add(
    request: Request,
    signal: AbortSignal,
  ): PendingQuestion<Request> & { readonly choice: Promise<Choice> } {
    const id = randomUUID();
    const deny = (): void => {
      this.answer(id, this.#denial);
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
    for (const id of [...this.#entries.keys()]) this.answer(id, this.#denial);
  }
}
