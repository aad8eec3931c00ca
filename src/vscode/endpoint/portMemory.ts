import type { Memory } from '../memory.js';

const KEY = 'mcpGateway.endpointPort';

/**
 * The port that was chosen when there was none to choose by, kept for all windows and starts: copied configurations hold
 * it. Whoever finds it taken uses another for as long as it runs, and leaves what is remembered to whoever has it.
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

  /** Keeps the port of an endpoint that could choose freely, if no window was quicker. */
  async chosen(port: number): Promise<void> {
    if (this.port === 0) await this.#memory.update(KEY, port);
  }
}
