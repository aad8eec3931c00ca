import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/gateway.js';

/** Makes actors take their turns, and lets them be paused all together. */
export class Pace {
  readonly #acting = new Set<string>();
  readonly #loops: Promise<void>[] = [];
  #stopped = false;
  #gate: { readonly open: Promise<void>; readonly release: () => void } | undefined;

  /** Whether the end has begun. */
  get stopping(): boolean {
    return this.#stopped;
  }

  /**
   * From now on takes one step after the other.
   * @param restMs how long to rest before the next step
   * @param onError what a step threw; the actor goes on
   */
  actor(
    name: string,
    restMs: () => number,
    step: () => Promise<unknown>,
    onError: (error: unknown) => void,
  ): void {
    const loop = async (): Promise<void> => {
      while (await this.#turn(restMs())) {
        this.#acting.add(name);
        try {
          await step();
        } catch (error) {
          onError(error);
        } finally {
          this.#acting.delete(name);
        }
      }
    };
    this.#loops.push(loop());
  }

  /** Lets nobody begin another step; resolves when nobody is in one. @throws naming those who do not end theirs */
  async pause(boundMs: number): Promise<void> {
    if (!this.#gate) {
      let release = (): void => undefined;
      const open = new Promise<void>((resolve) => (release = resolve));
      this.#gate = { open, release };
    }
    await until(() => this.#acting.size === 0, 'all have paused', boundMs).catch(() => {
      throw new Error(`Still busy after ${boundMs} ms: ${[...this.#acting].join(', ')}`);
    });
  }

  resume(): void {
    this.#gate?.release();
    this.#gate = undefined;
  }

  /** Resolves when the last step of each has ended. @throws as `pause` */
  async stop(boundMs: number): Promise<void> {
    this.#stopped = true;
    this.resume();
    await until(() => this.#acting.size === 0, 'all have stopped', boundMs).catch(() => {
      throw new Error(`Still busy after ${boundMs} ms: ${[...this.#acting].join(', ')}`);
    });
    await Promise.all(this.#loops);
  }

  async #turn(restMs: number): Promise<boolean> {
    if (this.#stopped) return false;
    await delay(restMs);
    while (this.#gate) await this.#gate.open;
    return !this.#stopped;
  }
}
