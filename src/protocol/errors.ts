/** The other side answered with a JSON-RPC error; code and data are as it sent them. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** The peer was closed, by either side, before the answer came. */
export class PeerClosedError extends Error {
  override readonly name = 'PeerClosedError';

  constructor(
    /** Whether bytes of the request may have left. */
    readonly sent: boolean,
  ) {
    super('The connection was closed.');
  }
}

/** The other side certainly did not get the message; thrown by transports. */
export class NotDeliveredError extends Error {
  override readonly name = 'NotDeliveredError';
}

/** The message was not sent, because too much that the other side has not read waits already. */
export class BacklogError extends Error {
  override readonly name = 'BacklogError';
}

/** The transport could not hand the message on. */
export class SendError extends Error {
  override readonly name = 'SendError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether a request certainly did not arrive. */
export const isNotDelivered = (error: unknown): boolean =>
  error instanceof SendError && error.cause instanceof NotDeliveredError;

/** The answer was dropped while it came, because it is larger than this side takes. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';

  constructor(readonly maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes.`);
  }
}

/** The answer was dropped while it came, for another reason than its own size. */
export class AnswerDroppedError extends Error {
  override readonly name = 'AnswerDroppedError';

  constructor(
    /** Goes on after "because". */
    readonly why: string,
    /** What to do, in a sentence. */
    readonly advice: string,
  ) {
    super(`The answer was dropped, because ${why}.`);
  }
}

/** No answer within the time allowed. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';

  constructor(readonly timeoutMs: number) {
    super(`No answer within ${timeoutMs} ms.`);
  }
}

export const toError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
