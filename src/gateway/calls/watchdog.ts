import type { ServerId } from '../model/definition.js';
import type { Logger } from '../ports.js';

const BEAT_MS = 500;
/** Later than this is worth a line. */
const STALL_MS = 1000;
const LINE_EVERY_MS = 10_000;
/** Requests in one line, the oldest first. */
const MAX_SHOWN = 5;
const NOTHING = 'nothing';

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
  #timer: NodeJS.Timeout | undefined;
  #lastLine = -Infinity;

  /** @param inWork the requests that are, the oldest first */
  constructor(
    private readonly logger: Logger,
    private readonly inWork: () => readonly Work[],
  ) {}

  /** Watches until a beat at which no request is in work. */
  watch(): void {
    if (this.#timer) return;
    let before = performance.now();
    let shown = this.#shown(before);
    this.#timer = setInterval(() => {
      const now = performance.now();
      const lateMs = now - before - BEAT_MS;
      if (lateMs >= STALL_MS && now - this.#lastLine >= LINE_EVERY_MS) {
        this.#lastLine = now;
        // What had ended it may have been what held everything up.
        const after = this.#shown(now);
        this.logger.warn(
          `The gateway stood still for ${Math.round(lateMs)} ms. In work: ${after === NOTHING ? shown : after}.`,
        );
      }
      before = now;
      shown = this.#shown(now);
      if (shown !== NOTHING) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, BEAT_MS);
    this.#timer.unref();
  }

  #shown(now: number): string {
    const inWork = this.inWork();
    const requests = inWork
      .slice(0, MAX_SHOWN)
      .map(({ server, method, since }) => `${method} to ${server} (${Math.round(now - since)} ms)`);
    const more = inWork.length - requests.length;
    if (more > 0) requests.push(`${more} more`);
    return requests.length === 0 ? NOTHING : requests.join(', ');
  }
}
