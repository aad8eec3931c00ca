import { AnswerDroppedError, MessageTooLargeError } from '../errors.js';
import type { Claim, MessageBudget } from './messageBudget.js';
import type { Grammar } from './jsonGrammar.js';
import { MAX_JSON_DEPTH } from './jsonScanner.js';
import { MessageScanner } from './messageScanner.js';
import { isMessage, isRequestId, type Message, type RequestId } from '../messages.js';
import { Pieces } from './pieces.js';
import { largeResult } from './largeResult.js';
import { Utf8Repair } from './utf8Repair.js';

/** Bytes of a message that is read in one go because it is no result; what there is to say in it is short. */
export const MAX_READ_BYTES = 4 * 1024 * 1024;

/** Bytes of what is no message that are kept to show what it was. */
const SHOWN = 1024;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** What has become of a message: it may still be one; it is none; it is dropped, for a reason or because it is not wanted. */
type Fate = 'kept' | 'garbage' | 'abandoned' | Error;

const tooMany = (maxBytes: number): Error =>
  new AnswerDroppedError(
    `more large answers came at once than fit into ${maxBytes / 1024 / 1024} MiB`,
    'Ask again when the others have come, or for less at once.',
  );
const tooDeep = (): Error =>
  new AnswerDroppedError(
    `its JSON is nested more than ${MAX_JSON_DEPTH} levels deep`,
    'This is a fault of the server; see its log.',
  );

/** One message while it comes: its bytes are kept as they are, and looked at once. */
export class LargeMessage {
  readonly #scanner: MessageScanner;
  readonly #repair = new Utf8Repair();
  readonly #pieces = new Pieces();
  #head: Uint8Array = new Uint8Array(0);
  #size = 0;
  #claim: Claim | undefined;
  #fate: Fate = 'kept';

  /** @param maxBytes of the message; of a larger one nothing is kept, but whose it is is still found out */
  constructor(
    private readonly maxBytes: number,
    grammar: Grammar,
  ) {
    this.#scanner = new MessageScanner(grammar);
  }

  /** Bytes that have come. */
  get size(): number {
    return this.#size;
  }

  /** Why it is not kept; `undefined` while it is, or when it is no message. */
  get dropped(): Error | undefined {
    return this.#fate instanceof Error ? this.#fate : undefined;
  }

  get abandoned(): boolean {
    return this.#fate === 'abandoned';
  }

  /** The request that this answers, as far as the bytes so far tell; `undefined` for anything but an answer. */
  get answers(): RequestId | undefined {
    // The other side numbers its own requests as it likes.
    return this.isAnswer ? this.#id : undefined;
  }

  /** The id of the request that this is; `undefined` for anything else. */
  get asks(): RequestId | undefined {
    return this.#scanner.has('method') ? this.#id : undefined;
  }

  get isAnswer(): boolean {
    return this.#scanner.has('result') || this.#scanner.has('error');
  }

  /** Its first characters, to be shown where it is no message. */
  get head(): string {
    return Buffer.from(this.#head).toString('utf8').trim();
  }

  /** Has what it holds, and will hold, count among all that is unfinished. */
  account(budget: MessageBudget): void {
    this.#claim = budget.claim(() => {
      this.drop(tooMany(budget.maxBytes));
    });
    this.#claim.grow(this.#pieces.size);
  }

  push(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#head.length < SHOWN)
      this.#head = Buffer.concat([this.#head, part.subarray(0, SHOWN - this.#head.length)]);
    for (const bytes of this.#repair.push(part)) this.#take(bytes);
    if (this.#size > this.maxBytes) this.drop(new MessageTooLargeError(this.maxBytes));
  }

  /** Keeps nothing of it any more; what still comes is only looked at. */
  drop(reason: Error): void {
    if (!(this.#fate instanceof Error) && !this.abandoned) this.#forget(reason);
  }

  /** The same, without a reason: it is not wanted. */
  abandon(): void {
    if (this.#fate === 'kept') this.#forget('abandoned');
  }

  /** All of it has come. @returns `undefined` when it is no message, or was dropped */
  finish(): Message | undefined {
    for (const bytes of this.#repair.end()) this.#take(bytes);
    this.#claim?.end();
    if (this.#fate !== 'kept' || !this.#scanner.complete) return undefined;
    const message = this.#message();
    this.#pieces.clear();
    return message;
  }

  get #id(): RequestId | undefined {
    const id = this.#scanner.envelope('id');
    return isRequestId(id) ? id : undefined;
  }

  #message(): Message | undefined {
    const scanner = this.#scanner;
    if (scanner.envelope('jsonrpc') !== '2.0') return undefined;
    const id = this.#id;
    const { result } = scanner;
    if (!scanner.has('method') && id !== undefined && result) {
      const [start, end] = result;
      const raw = largeResult(this.#pieces.slice(start, end), end - start, scanner.facts);
      return { jsonrpc: '2.0', id, result: raw };
    }
    const { size } = this.#pieces;
    if (size > MAX_READ_BYTES) {
      this.drop(new MessageTooLargeError(MAX_READ_BYTES));
      return undefined;
    }
    const message: unknown = JSON.parse(Buffer.concat(this.#pieces.slice(), size).toString('utf8'));
    return isMessage(message) ? message : undefined;
  }

  #take(part: Uint8Array): void {
    let bytes = part;
    if (
      this.#pieces.size === 0 &&
      this.#fate === 'kept' &&
      BYTE_ORDER_MARK.every((byte, index) => byte === bytes[index])
    )
      bytes = bytes.subarray(3);
    this.#scanner.push(bytes);
    if (this.#fate !== 'kept') return;
    if (this.#scanner.invalid) {
      this.#forget(this.#scanner.tooDeep ? tooDeep() : 'garbage');
      return;
    }
    this.#pieces.add(bytes);
    this.#claim?.grow(bytes.length);
  }

  #forget(fate: Exclude<Fate, 'kept'>): void {
    this.#fate = fate;
    this.#pieces.clear();
    this.#claim?.end();
  }
}
