import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '../../../protocol/messages.js';
import { EnvelopeScanner } from '../../../protocol/large/envelopeScanner.js';
import { ReadBudget } from '../stdio/readThrottle.js';

type BytesTransform = TransformStream<Uint8Array, Uint8Array>;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** The SDK reads an event more than once; it costs as much as so many lines on stdio, and its bytes cost twice as much. */
const LINES_PER_EVENT = 10;
const COST_OF_BYTES = 2;
/** A chunk with more lines is handed on in parts of so many bytes. */
const MAX_LINES = 200;
const PART_BYTES = 2048;
/** Ends what was let through of an event, and makes one of it that nobody listens to. */
const DISOWN = '\nevent: too-large\n';

/** The first bytes of a body; the rest is not read. */
export function cutAfter(maxBytes: number): BytesTransform {
  let left = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}

/** A body that breaks when it is too long. @param tooLarge what it breaks with */
export function failAfter(maxBytes: number, tooLarge: () => Error): BytesTransform {
  let left = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.length;
      if (left < 0) controller.error(tooLarge());
      else controller.enqueue(chunk);
    },
  });
}

/**
 * An event stream that leaves out what is too large of an event, and goes on with the next.
 * @param onTooLarge an event is left out, which would have answered this request, where that can be told
 */
export function limitEvents(
  maxBytes: number,
  onTooLarge: (answers: RequestId | undefined) => void,
): BytesTransform {
  const limit = new EventLimit(maxBytes, onTooLarge);
  const pace = new ReadBudget();
  return new TransformStream({
    async transform(chunk, controller) {
      for (const part of inParts(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
        const before = limit.events;
        const bytes = limit.pass(part);
        if (bytes.length > 0) controller.enqueue(bytes);
        const waitMs = pace.spend((limit.events - before) * LINES_PER_EVENT, part.length * COST_OF_BYTES);
        if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
      }
    },
  });
}

/** Thousands of tiny events may come at once, and the reader behind takes all that it is handed in one go. */
function inParts(chunk: Buffer): readonly Buffer[] {
  let lines = 0;
  for (
    let at = chunk.indexOf(LINE_FEED);
    at !== -1 && lines <= MAX_LINES;
    at = chunk.indexOf(LINE_FEED, at + 1)
  )
    lines++;
  if (lines <= MAX_LINES) return [chunk];
  const count = Math.ceil(chunk.length / PART_BYTES);
  return Array.from({ length: count }, (_, at) => chunk.subarray(at * PART_BYTES, (at + 1) * PART_BYTES));
}

class EventLimit {
  events = 0;
  #size = 0;
  #lineIsBlank = true;
  #outline = new EnvelopeScanner();
  #dropping = false;
  #told = false;

  constructor(
    private readonly maxBytes: number,
    private readonly onTooLarge: (answers: RequestId | undefined) => void,
  ) {}

  /** @returns what is let through */
  pass(chunk: Buffer): Buffer {
    const passed: Buffer[] = [];
    for (let start = 0, end = 0; start < chunk.length; start = end) {
      const lineFeed = chunk.indexOf(LINE_FEED, start);
      end = lineFeed === -1 ? chunk.length : lineFeed + 1;
      this.#line(chunk.subarray(start, end), passed);
    }
    return passed.length === 1 ? (passed[0] as Buffer) : Buffer.concat(passed);
  }

  #line(part: Buffer, passed: Buffer[]): void {
    const ends = part.at(-1) === LINE_FEED;
    this.#lineIsBlank &&= part.every((byte) => byte === LINE_FEED || byte === CARRIAGE_RETURN);
    const endsEvent = ends && this.#lineIsBlank;
    if (ends) this.#lineIsBlank = true;

    this.#size += part.length;
    this.#outline.push(part);
    const tooLarge = this.#size > this.maxBytes;
    if (tooLarge && !this.#dropping) {
      this.#dropping = true;
      passed.push(Buffer.from(DISOWN));
      if (this.#outline.answers !== undefined) this.#tell();
    }
    if (!this.#dropping || endsEvent) passed.push(part);
    if (!endsEvent) return;
    if (this.#dropping) this.#tell();
    this.events++;
    this.#size = 0;
    this.#outline = new EnvelopeScanner();
    this.#dropping = this.#told = false;
  }

  #tell(): void {
    if (!this.#told) this.onTooLarge(this.#outline.answers);
    this.#told = true;
  }
}
