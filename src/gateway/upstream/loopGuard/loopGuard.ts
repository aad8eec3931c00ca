import type { Launch, StdioLaunch } from '../../model/definition.js';
import { lineageOf, WITHIN_META, WITHIN_VARIABLE } from '../../model/lineage.js';
import type { GatewayPorts } from '../../ports.js';
import { isOwnAddress } from './ownAddress.js';
import { startsOwnProgram } from './ownProgram.js';

/** A server's launch leads back to the gateway: connected, it would list and call itself without end. */
export class LoopError extends Error {
  override readonly name = 'SelfError';

  constructor(what: string) {
    super(`${what} Remove it from mcpGateway.servers.`);
  }
}

/**
 * Keeps one connection from leading back to the gateway (invariant AcyclicOrBounded). What the settings show is refused
 * before anything is started or sent; what they hide (`npx`, a script, a proxy) carries the gateway's name with it, so
 * that the gateway at the other end can refuse.
 */
export class LoopGuard {
  readonly #launch: Launch;
  readonly #host: Pick<GatewayPorts, 'self' | 'env'>;
  readonly #lineage: readonly string[];
  #refusal: LoopError | undefined;

  constructor(launch: Launch, host: Pick<GatewayPorts, 'self' | 'env'>) {
    this.#launch = launch;
    this.#host = host;
    this.#lineage = lineageOf(host.self.instance, host.env);
  }

  /** The error of the check that failed, which may come out of the SDK as another one; `undefined` if none did. */
  get refusal(): LoopError | undefined {
    return this.#refusal;
  }

  /** For the `_meta` of `initialize`. */
  get meta(): Readonly<Record<string, readonly string[]>> {
    return { [WITHIN_META]: this.#lineage };
  }

  /** The launch with what tells its process, and all below it, which gateways it descends from. */
  marked(launch: StdioLaunch): StdioLaunch {
    return { ...launch, env: { ...launch.env, [WITHIN_VARIABLE]: this.#lineage.join(',') } };
  }

  /** @throws SelfError when the launch, as the settings have it, is the gateway */
  async checkLaunch(): Promise<void> {
    const { self, env } = this.#host;
    const isSelf =
      this.#launch.type === 'stdio'
        ? await startsOwnProgram(this.#launch, self.programs, env)
        : await isOwnAddress(new URL(this.#launch.url), self.addresses());
    if (isSelf) this.#refuse('This is the gateway itself.');
  }

  /** @param url where an answer came from, or redirects to @throws SelfError when that is the gateway */
  readonly checkReached = async (url: string): Promise<void> => {
    if (URL.canParse(url) && (await isOwnAddress(new URL(url), this.#host.self.addresses())))
      this.#refuse('Its address leads to the gateway itself.');
  };

  #refuse(what: string): never {
    this.#refusal = new LoopError(what);
    throw this.#refusal;
  }
}
