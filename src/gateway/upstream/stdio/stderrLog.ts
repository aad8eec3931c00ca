import { LineFramer } from '../../../protocol/lineFramer.js';
import type { Logger } from '../../ports.js';
import type { Redact } from './redact.js';

const MAX_LINE_BYTES = 4096;
const KEPT_LINES = 10;
const WINDOW_MS = 10_000;
const LINES_PER_WINDOW = 500;

/** Writes a server's stderr to its log, at a bounded rate, and keeps the last lines for a failure's message. */
export class StderrLog {
  /** As they came. */
  readonly #lines: string[] = [];
  readonly #framer: LineFramer;
  #count = 0;
  #windowStart = 0;
  #inWindow = 0;

  constructor(
    private readonly logger: Logger,
    private readonly redact: Redact,
  ) {
    this.#framer = new LineFramer(MAX_LINE_BYTES, {
      onLine: (line) => {
        this.#line(line);
      },
      onTooLong: () => {
        this.#line(`(a line of more than ${MAX_LINE_BYTES} bytes was left out)`);
      },
    });
  }

  /** @returns how many lines ended in it */
  push(chunk: Buffer): number {
    const before = this.#count;
    this.#framer.push(chunk);
    return this.#count - before;
  }

  /** No more will come. */
  end(): void {
    this.#framer.end();
  }

  /** What came last, oldest first. */
  get tail(): readonly string[] {
    return this.#lines.map((line) => this.redact(line));
  }

  #line(raw: string): void {
    this.#count++;
    const line = raw.trimEnd();
    if (line === '') return;
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();

    const now = performance.now();
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow++;
    if (this.#inWindow <= LINES_PER_WINDOW) this.logger.info(`[stderr] ${this.redact(line)}`);
    else if (this.#inWindow === LINES_PER_WINDOW + 1)
      this.logger.warn('stderr: too many lines; the rest of this burst is left out of the log.');
  }
}
