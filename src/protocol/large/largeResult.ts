import { MessageTooLargeError } from '../errors.js';

type Params = Readonly<Record<string, unknown>>;

/**
 * The result of a large answer as the bytes in which it came: checked, but neither parsed nor copied. It is JSON in UTF-8 in
 * one line, so that it can be a part of other JSON, of a line and of an event.
 */
export interface LargeResult {
  /** The bytes, in order. */
  readonly parts: readonly Uint8Array[];
  /** How many they are. */
  readonly size: number;
  /** Small members: `isError`, `task`, `nextCursor` and `_meta`. */
  readonly facts: Params;
  /** Reads it in one go, which stops everything else for as long as it takes. @throws MessageTooLargeError */
  parse(maxBytes?: number): Params;
  /** For those who make JSON of it unknowingly; slow. */
  toJSON(): Params;
}

class Parts implements LargeResult {
  constructor(
    readonly parts: readonly Uint8Array[],
    readonly size: number,
    readonly facts: Params,
  ) {}

  parse(maxBytes = Infinity): Params {
    if (this.size > maxBytes) throw new MessageTooLargeError(maxBytes);
    return JSON.parse(Buffer.concat(this.parts, this.size).toString('utf8')) as Params;
  }

  toJSON(): Params {
    return this.parse();
  }
}

/** @param parts a JSON object as described above */
export const largeResult = (parts: readonly Uint8Array[], size: number, facts: Params): LargeResult =>
  new Parts(parts, size, facts);

export const isLarge = (result: unknown): result is LargeResult => result instanceof Parts;

/** What a result says: of a large one only its `facts`. */
export const factsOf = (result: Params | LargeResult): Params => (isLarge(result) ? result.facts : result);

/** All that a result says. @param maxBytes of a large one @throws MessageTooLargeError */
export const readResult = (result: Params | LargeResult, maxBytes?: number): Params =>
  isLarge(result) ? result.parse(maxBytes) : result;
