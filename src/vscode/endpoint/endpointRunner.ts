import type { Endpoint } from '../../endpoint/endpoint.js';
import type { Logger } from '../../gateway/ports.js';
import { Emitter } from '../../base/event.js';
import type { PortMemory } from './portMemory.js';

/** What the settings say of the endpoint. */
export interface EndpointSettings {
  readonly enabled: boolean;
  /** 0: the remembered one. */
  readonly port: number;
}

export interface RunnerParts {
  /** Opens an endpoint at this port, or at another when it is taken or 0. */
  readonly open: (port: number) => Promise<Endpoint>;
  /** Read at each turn. */
  readonly settings: () => EndpointSettings;
  readonly ports: PortMemory;
  readonly log: Logger;
}

/** What runs, and the port in the settings that it was opened for. */
interface Running {
  readonly endpoint: Endpoint;
  readonly port: number;
}

/** Owns the window's endpoint: opens it, opens it anew when its settings change, and closes it. */
export class EndpointRunner {
  readonly #parts: RunnerParts;
  readonly #changes = new Emitter<void>();
  #running: Running | undefined;
  /** Openings and closings come one after another; a turn that another follows does nothing. */
  #latest: Promise<void> = Promise.resolve();
  #turns = 0;
  #disposed = false;

  /** Another endpoint runs, or none any more. */
  readonly onDidChange = this.#changes.event;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** The endpoint that runs now. */
  get endpoint(): Endpoint | undefined {
    return this.#running?.endpoint;
  }

  /** Brings the endpoint in line with the settings, in the background. */
  follow(): void {
    const turn = ++this.#turns;
    this.#latest = this.#latest.then(() => (turn === this.#turns ? this.#adjust() : undefined));
  }

  /** Resolves when the endpoint is as the settings say; with `undefined` when none is to be, or it could not be opened. */
  async settled(): Promise<Endpoint | undefined> {
    const latest = this.#latest;
    await latest;
    return latest === this.#latest ? this.endpoint : this.settled();
  }

  /** Resolves when nothing listens any more. */
  dispose(): Promise<void> {
    this.#disposed = true;
    this.#changes.dispose();
    this.follow();
    return this.#latest;
  }

  async #adjust(): Promise<void> {
    const { settings, log } = this.#parts;
    const { enabled, port } = settings();
    const wanted = !this.#disposed && enabled;
    const running = this.#running;
    // What was opened for the same setting stays where it is, also when that is not the port it was to have.
    if (wanted ? running?.port === port || running?.endpoint.port === port : !running) return;
    try {
      this.#running = undefined;
      await running?.endpoint.dispose();
      if (wanted) this.#running = { endpoint: await this.#open(port), port };
    } catch (error) {
      log.error(
        `The endpoint could not be opened, so no other agent can use the servers: ${(error as Error).message}`,
      );
    }
    this.#changes.fire();
  }

  async #open(port: number): Promise<Endpoint> {
    const { open, ports, log } = this.#parts;
    const asked = port === 0 ? ports.port : port;
    const endpoint = await open(asked);
    // The log says so already.
    if (endpoint.port === 0) return endpoint;
    if (asked === 0 || endpoint.port === asked) log.info(`The endpoint listens on ${endpoint.url}.`);
    else
      log.warn(
        `The port ${asked} is taken, perhaps by another window; here the endpoint listens on ${endpoint.url}. Configurations that hold the address reach the other.`,
      );
    if (asked === 0)
      await ports.chosen(endpoint.port).then(undefined, (error: unknown) => {
        log.warn(
          `The port of the endpoint could not be remembered; the next start chooses again: ${String(error)}`,
        );
      });
    return endpoint;
  }
}
