import type { ServerId } from './model/definition.js';
import type { Logger } from './ports.js';

const BEAT_MS = 500;
/** Later than this is worth a line. */
const STALL_MS = 1000;
const LINE_EVERY_MS = 10_000;
/** Requests in one line, the oldest first. */
const MAX_SHOWN = 5;

interface Work {
  readonly server: ServerId;
  readonly method: string;
  readonly since: number;
}

/**
 * Notices that the event loop stood still and logs for how long, and which requests were in work; never what they carried. It
 * watches while requests are in work.
 */
export class Watchdog {
  readonly #work = new Set<Work>();
  #timer: NodeJS.Timeout | undefined;
  #lastLine = -Infinity;

  constructor(private readonly logger: Logger) {}

  /** Counts a request as in work until it has ended. */
  async during<T>(server: ServerId, method: string, work: () => Promise<T>): Promise<T> {
    const entry: Work = { server, method, since: performance.now() };
    this.#work.add(entry);
    this.#watch();
    try {
      return await work();
    } finally {
      this.#work.delete(entry);
    }
  }

  #watch(): void {
    if (this.#timer) return;
    let before = performance.now();
    let shown = this.#shown(before);
    this.#timer = setInterval(() => {
      const now = performance.now();
      const lateMs = now - before - BEAT_MS;
      if (lateMs >= STALL_MS && now - this.#lastLine >= LINE_EVERY_MS) {
        this.#lastLine = now;
        // What had ended it may have been what held everything up.
        const inWork = this.#work.size > 0 ? this.#shown(now) : shown;
        this.logger.warn(`The gateway stood still for ${Math.round(lateMs)} ms. In work: ${inWork}.`);
      }
      before = now;
      shown = this.#shown(now);
      if (this.#work.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, BEAT_MS);
    this.#timer.unref();
  }

  #shown(now: number): string {
    const oldest = [...this.#work].slice(0, MAX_SHOWN);
    const requests = oldest.map(
      ({ server, method, since }) => `${method} to ${server} (${Math.round(now - since)} ms)`,
    );
    const more = this.#work.size - oldest.length;
    if (more > 0) requests.push(`${more} more`);
    return requests.length === 0 ? 'nothing' : requests.join(', ');
  }
}
