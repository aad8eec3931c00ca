import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

/** Bytes of the longest character. */
const LONGEST = 4;

/**
 * Makes UTF-8 of what should be UTF-8, as `Buffer.toString` would: what is none becomes U+FFFD. What is good passes as it
 * is, and uncopied.
 */
export class Utf8Repair {
  #decoder: StringDecoder | undefined;
  /** The beginning of a character whose end has not come yet. */
  #open: Uint8Array | undefined;

  /** @returns what can be told of the bytes so far; what follows continues it */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#decoder) return [Buffer.from(this.#decoder.write(bytes as Buffer))];
    const before = this.#open;
    this.#open = undefined;
    const joint = before ? Math.min(bytes.length, missing(before)) : 0;
    const first = before && Buffer.concat([before, bytes.subarray(0, joint)]);
    if (first && joint === bytes.length && missing(first) > 0) {
      this.#open = first;
      return [];
    }
    const rest = bytes.subarray(joint);
    const whole = rest.subarray(0, rest.length - openEnd(rest));
    if (isUtf8(whole) && (!first || isUtf8(first))) {
      if (whole.length < rest.length) this.#open = rest.subarray(whole.length);
      return first ? [first, whole] : [whole];
    }
    // Once wrong it is likely to be wrong again.
    this.#decoder = new StringDecoder('utf8');
    return [...(before ? this.push(before) : []), ...this.push(bytes)];
  }

  /** @returns what is left when nothing more comes */
  end(): readonly Uint8Array[] {
    const open = this.#open;
    this.#open = undefined;
    if (open) {
      this.#decoder = new StringDecoder('utf8');
      return [...this.push(open), ...this.end()];
    }
    const rest = this.#decoder?.end() ?? '';
    return rest === '' ? [] : [Buffer.from(rest)];
  }
}

/** Bytes that a lead byte announces, itself included; 1 for what is none. */
const lengthOf = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** How many bytes a character still lacks that begins so. */
const missing = (beginning: Uint8Array): number => lengthOf(beginning[0] ?? 0) - beginning.length;

/** How many bytes at the end begin a character that goes on. */
function openEnd(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}
