import type { AgentOptions } from 'node:http';
import type { Socket } from 'node:net';
import { Agent } from 'agent-base';
import { dial } from './dial.js';
import type { Place } from './place.js';

/** Keeps connections with one gateway, each of which proved itself before a request went out on it. */
export class ProvenAgent extends Agent {
  readonly #place: Place;
  readonly #proofMs: () => number;
  readonly #closing = new AbortController();

  /**
   * @param proofMs milliseconds that the gateway has for a proof now
   * @param options `maxSockets` bounds those that are being dialled, too
   */
  constructor(place: Place, proofMs: () => number, options: AgentOptions = {}) {
    super({ ...options, keepAlive: true });
    // Else each request looks for them in a stack trace.
    this.protocol = 'http:';
    this.defaultPort = 80;
    this.#place = place;
    this.#proofMs = proofMs;
  }

  /** For every request that finds no connection of this agent free. @throws as `dial` */
  override connect(): Promise<Socket> {
    return dial(this.#place, this.#closing.signal, this.#proofMs());
  }

  override destroy(): void {
    this.#closing.abort(new Error('The session is over.'));
    super.destroy();
  }
}
