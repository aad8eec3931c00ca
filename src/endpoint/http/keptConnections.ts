import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DoorLimits } from './limits.js';

/** Connections of one session that wait for its next request; as many as clients commonly use at once. */
const MAX_IDLE = 16;
/** Together with those that wait for a moment only: as many as may have a request in work. */
const MAX_WITH_BRIEF = 256;
/** So many more connections, of which some have been closed, are counted as open. */
const SWEEP_EVERY = 16;
/** Seconds, as the client is told: undici, and so VS Code, takes two of them off, and with none left closes at once. */
const TOLD_S = 3;

/**
 * Bounds the connections that a session leaves open. Over a socket, VS Code opens one per request, never uses it again and keeps
 * it for as long as it is told that it may: two thousand calls within a minute would take all that the door has. It is told a
 * moment and not none, because it closes a connection before it hands on the answer that came over it.
 */
export class KeptConnections {
  /** Some of them have been closed since. */
  readonly #open = new Set<Socket>();
  /** At how many the closed ones are looked for again. */
  #sweepAt = 0;

  constructor(private readonly limits: Pick<DoorLimits, 'briefMs'>) {}

  /**
   * Notes the connection of a request; one that is not needed ends soon after its answer.
   * @param busy how many of the session's connections have a request in work or a stream
   */
  use(response: ServerResponse, busy: number): void {
    const { socket } = response;
    if (!socket) return;
    this.#open.add(socket);
    const most = MAX_IDLE + busy;
    if (this.#open.size <= most) return;
    if (this.#open.size >= this.#sweepAt) this.#sweep();
    if (this.#open.size > MAX_WITH_BRIEF + busy) response.shouldKeepAlive = false;
    else if (this.#open.size > most) this.#keepBriefly(response, socket);
  }

  /** No listener tells when one is closed: many sessions may share a connection, which would keep something of each. */
  #sweep(): void {
    for (const one of this.#open) if (one.destroyed) this.#open.delete(one);
    // Not with every request: there may be hundreds.
    this.#sweepAt = this.#open.size + SWEEP_EVERY;
  }

  #keepBriefly(response: ServerResponse, socket: Socket): void {
    response.setHeader('keep-alive', `timeout=${TOLD_S}`);
    // After Node's own listener, which gives it the time that all have.
    response.once('finish', () => {
      socket.setTimeout(this.limits.briefMs);
    });
  }
}
