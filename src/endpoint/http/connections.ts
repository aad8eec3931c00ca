import type { Socket } from 'node:net';

/**
 * The connections of the door. When there are too many, the oldest goes that has not shown a token yet: whoever has one shows
 * it at once, so that idle connections of others keep nobody out.
 */
export class Connections {
  /** In the order in which they came. */
  readonly #strangers = new Set<Socket>();
  readonly #known = new Set<Socket>();

  /** @param limit of all together */
  constructor(private readonly limit: number) {}

  /** Takes a new connection in; ends it, or another, where there are too many. */
  add(socket: Socket): void {
    this.#strangers.add(socket);
    socket.once('close', () => {
      this.#strangers.delete(socket);
      this.#known.delete(socket);
    });
    if (this.#strangers.size + this.#known.size <= this.limit) return;
    const [oldest] = this.#strangers;
    if (oldest) this.#strangers.delete(oldest);
    oldest?.destroy();
  }

  /** A token that is good has come in on it. */
  know(socket: Socket): void {
    if (this.#strangers.delete(socket)) this.#known.add(socket);
  }
}
