import { BACKSLASH, OPEN_OBJECT } from './jsonGrammar.js';
import { JsonScanner } from './jsonScanner.js';

/** Bytes that are kept of a key, of a value that tells whose message it is, and of a fact of a result. */
const MAX_KEY = 128;
const MAX_ENVELOPE = 1024;
const MAX_FACT = 16 * 1024;

/** Members of a message whose values are kept while they are small. */
const ENVELOPE: ReadonlySet<string | undefined> = new Set(['jsonrpc', 'id', 'method']);
/** Members of a message that tell what it is. */
type Telling = 'result' | 'error' | 'method';
const TELLING: ReadonlySet<string | undefined> = new Set<Telling>(['result', 'error', 'method']);
/** The same for members of its result: what this side needs to know of one that it passes on. */
const FACTS: ReadonlySet<string | undefined> = new Set(['isError', 'task', 'nextCursor', '_meta']);

/**
 * Reads one message as its bytes pass, and keeps none but those of a few small members: of the message, as JSON-RPC has
 * them, and of its `result`. Of members with the same name the last counts, as for `JSON.parse`.
 */
export class MessageScanner extends JsonScanner {
  /** Where the bytes in hand begin, counted from the first of all. */
  #base = 0;
  readonly #none: Uint8Array = new Uint8Array(0);
  #bytes = this.#none;
  /** What is being kept: from where in the bytes in hand (-1: nothing is), what came before them, and how much it may be. */
  #mark = -1;
  #kept = this.#none;
  #maxKept = 0;

  /** The name of the member in hand: of the message, and of its result. */
  #name: string | undefined;
  #member: string | undefined;
  readonly #envelope = new Map<string, unknown>();
  readonly #seen = new Set<string>();
  #facts: Record<string, unknown> = {};
  #inResult = false;
  #resultStart = -1;
  #resultEnd = -1;

  /** Whether the message has had such a member so far. */
  has(name: Telling): boolean {
    return this.#seen.has(name);
  }

  /** A small member of the message; `undefined` when it had none so far, or a large one. */
  envelope(name: 'jsonrpc' | 'id' | 'method'): unknown {
    return this.#envelope.get(name);
  }

  /** Small members of the result: `isError`, `task`, `nextCursor`, `_meta`. */
  get facts(): Readonly<Record<string, unknown>> {
    return this.#facts;
  }

  /** From which byte to which (exclusive) the result goes; `undefined` unless it is a whole object. */
  get result(): readonly [start: number, end: number] | undefined {
    return this.#inResult || this.#resultEnd < 0 ? undefined : [this.#resultStart, this.#resultEnd];
  }

  /** Takes the next bytes, in which line breaks between the parts of JSON become spaces. */
  push(bytes: Uint8Array): void {
    if (this.invalid) return;
    this.#bytes = bytes;
    if (this.#mark !== -1) this.#mark = 0;
    this.scan(bytes);
    if (this.#mark !== -1) this.#keep(bytes.length);
    this.#bytes = this.#none;
    this.#base += bytes.length;
  }

  protected override keyBegan(at: number, depth: number): void {
    if (this.#names(depth)) this.#begin(at, MAX_KEY);
  }

  protected override keyEnded(at: number, depth: number): void {
    if (!this.#names(depth)) return;
    const name = this.#take(at - 1);
    const key = name && (name.includes(BACKSLASH) ? (parsed(name, '"') as string) : textOf(name));
    if (depth === 2) {
      this.#member = key;
      return;
    }
    this.#name = key;
    if (TELLING.has(key)) this.#seen.add(key as string);
  }

  protected override valueBegan(at: number, depth: number, byte: number): void {
    if (depth === 1) {
      if (this.#name === 'result') {
        this.#inResult = byte === OPEN_OBJECT;
        this.#resultStart = this.#base + at;
        this.#resultEnd = -1;
        this.#facts = {};
      } else if (ENVELOPE.has(this.#name)) this.#begin(at, MAX_ENVELOPE);
    } else if (depth === 2 && this.#inResult && FACTS.has(this.#member)) this.#begin(at, MAX_FACT);
  }

  protected override valueEnded(at: number, depth: number): void {
    if (depth === 1) {
      if (this.#name === 'result') {
        if (this.#inResult) this.#resultEnd = this.#base + at;
        this.#inResult = false;
      } else if (this.#mark !== -1) {
        this.#envelope.set(this.#name as string, parsed(this.#take(at)));
      }
    } else if (depth === 2 && this.#inResult && this.#mark !== -1) {
      this.#facts[this.#member as string] = parsed(this.#take(at));
    }
  }

  /** Whether keys there are names of members of the message or of its result. */
  #names(depth: number): boolean {
    return depth === 1 || this.#inResult;
  }

  #begin(at: number, max: number): void {
    this.#mark = at;
    this.#kept = this.#none;
    this.#maxKept = max;
  }

  #keep(end: number): void {
    const part = this.#bytes.subarray(this.#mark, end);
    // One byte more than may be kept shows that it is too much.
    const room = this.#maxKept + 1 - this.#kept.length;
    if (room > 0) this.#kept = Buffer.concat([this.#kept, part.subarray(0, room)]);
    this.#mark = 0;
  }

  /** @returns what was kept up to here; `undefined` when it was too much */
  #take(end: number): Uint8Array | undefined {
    // Most often all of it is in hand.
    if (this.#kept.length > 0) this.#keep(end);
    const kept = this.#kept.length > 0 ? this.#kept : this.#bytes.subarray(this.#mark, end);
    this.#mark = -1;
    this.#kept = this.#none;
    return kept.length > this.#maxKept ? undefined : kept;
  }
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

const parsed = (bytes: Uint8Array | undefined, around = ''): unknown =>
  bytes && (JSON.parse(`${around}${textOf(bytes)}${around}`) as unknown);
