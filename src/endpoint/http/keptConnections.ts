import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections of one session that wait for its next request; as many as clients commonly use at once. */
const MAX_IDLE = 16;

/**
 * Bounds the connections that a session leaves open. Over a socket, VS Code opens one per request, never uses it again and keeps
 * it for as long as it is told that it may: two thousand calls within a minute would take all that the door has.
 */
export class KeptConnections {
  readonly #open = new Set<Socket>();

  /**
   * Notes the connection of a request; one that is not needed ends with its answer.
   * @param busy how many of the session's connections have a request in work or a stream
   */
  use(response: ServerResponse, busy: number): void {
    const { socket } = response;
    if (!socket) return;
    // No listener tells when one is closed: many sessions may share a connection, which would keep something of each.
    for (const one of this.#open) if (one.destroyed) this.#open.delete(one);
    this.#open.add(socket);
    if (this.#open.size - busy > MAX_IDLE) response.shouldKeepAlive = false;
  }
}
