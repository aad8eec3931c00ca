import { visible } from '../base/text/visible.js';
import { UsageError } from './failure.js';

/** What people read in a terminal shows what is hidden; in JSON too, whose escapes these are. A program gets all as it is. */
export const shown = (text: string): string => (process.stdout.isTTY ? visible(text) : text);

/** Standard output, written to the end: a process that exits early would cut what a pipe has not taken yet. */
export class Output {
  #closed = false;

  constructor(private readonly stream: NodeJS.WritableStream) {
    // Without a listener, a reader that goes away (`| head`) would be a crash.
    stream.on('error', () => {
      this.#closed = true;
    });
  }

  /** Whether nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Resolves when the text has left the process; also when nobody reads any more.
   * @throws UsageError when it cannot be written, such as to a full disk
   */
  write(text: string | Uint8Array): Promise<void> {
    if (text.length === 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.stream.write(text, (error) => {
        const code = error && 'code' in error ? String(error.code) : undefined;
        if (!error || code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') resolve();
        else reject(new UsageError(`The output could not be written (${code ?? error.message}).`));
      });
    });
  }
}
