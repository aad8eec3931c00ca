import type { TurnScheduler } from './turnScheduler.js';

/** Milliseconds of work after which everybody else has their turn. */
export const SLICE_MS = 2;

/**
 * Cuts long work into slices: the first begins at once, each other one in a turn of the event loop in which no other such
 * work is done.
 */
export class Slices {
  #begun = performance.now();

  constructor(private readonly turns: TurnScheduler) {}

  /** Whether others should have their turn before the next step. */
  get over(): boolean {
    return performance.now() - this.#begun >= SLICE_MS;
  }

  /** Resolves when the next slice begins. */
  async next(): Promise<void> {
    await this.turns.take();
    this.#begun = performance.now();
  }
}
