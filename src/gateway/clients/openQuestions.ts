import type { ServerId } from '../model/definition.js';

/** Questions that one server may have open, and all together. */
export interface QuestionLimits {
  readonly ofOne: number;
  readonly open: number;
}

/** How many questions servers have asked that are not answered yet. */
export class OpenQuestions {
  readonly #open = new Map<ServerId, number>();
  #all = 0;

  constructor(private readonly limits: QuestionLimits) {}

  /** @returns call it, once, when the question is answered or asked no more; `undefined` when there are too many */
  begin(server: ServerId): (() => void) | undefined {
    const open = this.#open.get(server) ?? 0;
    if (open >= this.limits.ofOne || this.#all >= this.limits.open) return undefined;
    this.#open.set(server, open + 1);
    this.#all++;
    return () => {
      const left = (this.#open.get(server) ?? 1) - 1;
      if (left > 0) this.#open.set(server, left);
      else this.#open.delete(server);
      this.#all--;
    };
  }
}
