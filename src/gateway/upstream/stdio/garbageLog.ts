import type { Logger } from '../../ports.js';
import type { Redact } from './redact.js';

const LOGGED_LINES = 20;
const SHOWN_CHARS = 200;

/** Notes, within bounds, what a server writes on its stdout that is no message. */
export class GarbageLog {
  #lines = 0;
  #first: string | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly redact: Redact,
  ) {}

  /** What the first line looked like; for a failure's message. */
  get first(): string | undefined {
    return this.#first;
  }

  /** @param start all of the line, or how it begins @param length of all of it */
  add(start: string, length = start.length): void {
    this.#lines++;
    if (this.#lines > LOGGED_LINES + 1) return;
    if (this.#lines > LOGGED_LINES) {
      this.logger.warn('stdout: too many lines that are not MCP messages; the rest is left out of the log.');
      return;
    }
    // A line that begins like JSON may be a torn message with somebody's data in it.
    const shown = /^[[{]/.test(start)
      ? `${length} characters of broken JSON`
      : this.redact(start, SHOWN_CHARS);
    this.#first ??= shown;
    this.logger.warn(`Skipped a line on stdout that is not an MCP message: ${shown}`);
  }
}
