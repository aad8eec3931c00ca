/** Where a gateway is reached, and what it must know to be it. */
export interface Place {
  /** `http://127.0.0.1:<port>/mcp`, or with one server's path. */
  readonly url: string;
  /** Path of its Unix socket or named pipe, where it has one that can be trusted; then its port is not used. */
  readonly socket?: string;
  /** What it proves itself by. */
  readonly token: string;
  /** What it is sent then, where that is the client's own and not the same. */
  readonly clientToken?: string;
}

/** The URL that its requests have: a socket's only name is `localhost`. */
export const requestUrl = ({ url, socket }: Place): string =>
  socket === undefined ? url : `http://localhost${new URL(url).pathname}`;

/**
 * `wrong`: its answer was no proof. `silent`: there was none in time, so that it may be a gateway that is busy.
 */
export type Unproven = 'wrong' | 'silent';

/** The gateway did not show that it knows the token, so that it was not sent. The message says what was wrong. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';

  constructor(
    readonly kind: Unproven,
    message: string,
  ) {
    super(message);
  }
}
