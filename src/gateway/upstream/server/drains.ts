import { Closings } from '../../../base/async/closings.js';
import type { Generation } from './generation.js';

/** Superseded connections of one server that may still have calls, all at once. */
const MAX_DRAINING = 8;

/** A server's connections on their way out: those that calls still hold, and those whose processes are ending. */
export class Drains {
  readonly #draining = new Set<Generation>();
  readonly #drained = new Closings();
  readonly #exits = new Closings();

  /** Takes over a superseded generation. @param deadlineMs that its calls in flight may last */
  add(generation: Generation, deadlineMs: number): Promise<void> {
    const gone = generation.drain(deadlineMs);
    if (!generation.leased) return this.exit(gone);
    this.#draining.add(generation);
    return this.#drained.add(gone.finally(() => this.#draining.delete(generation)));
  }

  /** Takes note of something that is ending. @returns resolves when it is gone */
  exit(gone: Promise<unknown>): Promise<void> {
    return this.#exits.add(gone);
  }

  /**
   * Waits until another process of the server may be started: none overlaps with one that nobody uses any more, and
   * only so many with those that calls in flight still need.
   */
  async room(): Promise<void> {
    await this.#exits.present();
    while (this.#draining.size >= MAX_DRAINING) await this.#drained.next();
  }

  /** Resolves when those are gone that are ending now and that nobody uses any more. */
  exits(): Promise<void> {
    return this.#exits.present();
  }

  /** Closes under the calls that are left. */
  hurry(): void {
    for (const generation of this.#draining) void generation.close();
  }

  /** Resolves when no calls are left on superseded generations. */
  drained(): Promise<void> {
    return this.#drained.all();
  }

  /** Resolves when nothing is on its way out any more. */
  async all(): Promise<void> {
    await this.#drained.all();
    await this.#exits.all();
  }
}
