import type { Memory } from '../memory.js';

const KEY = 'mcpGateway.endpointPort';

/**
 * The port that was chosen when there was none to choose by, kept for all starts of one workspace: copied configurations
 * hold it, and windows that are open at the same time do not take it from each other. Where it is taken, another is used for
 * as long as the window is open, and it stays remembered.
 */
export class PortMemory {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** 0 when none was chosen yet. */
  get port(): number {
    const stored = this.#memory.get(KEY);
    return typeof stored === 'number' && Number.isInteger(stored) && stored > 0 && stored <= 65_535
      ? stored
      : 0;
  }

  /** Keeps the port of an endpoint that could choose freely, if none is kept yet. */
  async chosen(port: number): Promise<void> {
    if (this.port === 0) await this.#memory.update(KEY, port);
  }
}
