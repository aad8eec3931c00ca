import { parseObject } from '../../base/parseObject.js';
import type { Params, RequestId } from '../messages.js';

/** Bytes that are kept of one text, and in all. */
const MAX_TEXT = 1024;
const MAX_KEPT = 16 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bytes of a text that are looked at one by one before the native search, dearer to begin, takes over. */
const NEAR = 64;

const OPEN_OBJECT = 0x7b;

const opens = (byte: number | undefined): boolean => byte === OPEN_OBJECT || byte === 0x5b;
const closes = (byte: number | undefined): boolean => byte === 0x7d || byte === 0x5d;

const asId = (id: unknown): RequestId | undefined =>
  typeof id === 'number' || typeof id === 'string' ? id : undefined;

/**
 * Reads the first JSON object of a text as it passes and keeps its first level only: what is deeper is left out, long
 * texts are emptied. That tells whose answer it was when it is too large to be kept, wherever its `id` stands.
 */
export class EnvelopeScanner {
  readonly #kept: number[] = [];
  #depth = 0;
  #done = false;
  #inText = false;
  #escaped = false;
  /** Where the text that is being read begins in what is kept. */
  #textStart = 0;
  #textSize = 0;

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#done) {
      if (this.#inText) at = this.#readText(bytes, at);
      else if (this.#depth > 1) at = this.#skipDeeper(bytes, at);
      else this.#readFirstLevel(bytes[at++] as number);
    }
  }

  /** The request that this answers, as far as the bytes so far tell; `undefined` for anything but an answer. */
  get answers(): RequestId | undefined {
    const { id, ...outline } = this.#read();
    // The other side numbers its own requests as it likes.
    return 'result' in outline || 'error' in outline ? asId(id) : undefined;
  }

  /** The id of the request that this is; `undefined` for anything else. */
  get asks(): RequestId | undefined {
    const { id, ...outline } = this.#read();
    return 'method' in outline ? asId(id) : undefined;
  }

  #read(): Params {
    const text = Buffer.from(this.#kept).toString('utf8') + (this.#depth > 1 ? '}' : '');
    return parseObject(text) ?? {};
  }

  #readFirstLevel(byte: number): void {
    if (this.#depth === 0 && byte !== OPEN_OBJECT) return;
    if (byte === QUOTE) {
      this.#textStart = this.#kept.push(byte);
      this.#textSize = 0;
      this.#inText = true;
    } else if (opens(byte) && this.#depth++ === 1) {
      this.#kept.push(...Buffer.from('null'));
    } else {
      if (closes(byte)) this.#depth--;
      this.#kept.push(byte);
    }
    this.#done = this.#depth === 0 || this.#kept.length > MAX_KEPT;
  }

  /** @returns where it stopped, as all that follow do: at a text, back on the first level, or at the end of the bytes */
  #skipDeeper(bytes: Buffer, start: number): number {
    let depth = this.#depth;
    let at = start;
    while (at < bytes.length && depth > 1 && !this.#inText) {
      const byte = bytes[at++];
      if (byte === QUOTE) this.#inText = true;
      else if (opens(byte)) depth++;
      else if (closes(byte)) depth--;
    }
    this.#depth = depth;
    return at;
  }

  #readText(bytes: Buffer, start: number): number {
    const end = this.#textEnd(bytes, start);
    if (this.#depth !== 1) return end;
    this.#textSize += end - start;
    if (this.#textSize <= MAX_TEXT) this.#kept.push(...bytes.subarray(start, end));
    else this.#kept.length = this.#textStart;
    if (this.#textSize > MAX_TEXT && !this.#inText) this.#kept.push(QUOTE);
    return end;
  }

  #textEnd(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length) {
      if (this.#escaped) {
        this.#escaped = false;
        at++;
        continue;
      }
      const near = Math.min(bytes.length, at + NEAR);
      while (at < near && bytes[at] !== QUOTE && bytes[at] !== BACKSLASH) at++;
      if (at === near && at < bytes.length) {
        // Of what lies between, only backslashes right before the quote matter.
        const quote = bytes.indexOf(QUOTE, at);
        const stop = quote === -1 ? bytes.length : quote;
        let run = stop;
        while (run > at && bytes[run - 1] === BACKSLASH) run--;
        this.#escaped = (stop - run) % 2 === 1;
        at = stop;
      } else if (bytes[at] === BACKSLASH) {
        this.#escaped = true;
        at++;
      } else if (bytes[at] === QUOTE) {
        this.#inText = false;
        return at + 1;
      }
    }
    return at;
  }
}
