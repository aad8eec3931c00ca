import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { taskkill } from '../../../base/process/taskkill.js';
import type { Guardian } from './guardian.js';

/** Milliseconds that each step of a stop may take before the next, harder one. */
export interface StopBounds {
  /** After stdin was closed. MCP 2025-11-25, "Lifecycle": close stdin, wait, SIGTERM, wait, SIGKILL. */
  readonly closeMs: number;
  /** After the server has ended, for what it spawned. */
  readonly leftoverMs: number;
  /** After the polite signal. */
  readonly terminateMs: number;
  /** For the guardian to kill the process and all below it. */
  readonly uprootMs: number;
  /** After the hard signal. */
  readonly killMs: number;
}

export const DEFAULT_STOP_BOUNDS: StopBounds = {
  closeMs: 700,
  leftoverMs: 150,
  terminateMs: 500,
  uprootMs: 200,
  killMs: 500,
};

const POLL_MS = 20;

/**
 * A child process together with everything it spawned. On POSIX that is the process group of a child spawned
 * `detached`: wrappers such as npx and shells put their children into it. Windows has no such group; there
 * `taskkill /T` walks the tree while its root still lives.
 */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #guardian: Guardian;
  #stopping: Promise<void> | undefined;

  /** @param guardian ends the group should the host die before it can */
  constructor(child: ChildProcess, guardian: Guardian) {
    this.#child = child;
    this.#guardian = guardian;
    if (child.pid !== undefined) guardian.watch(child.pid);
  }

  /** Ends the group step by step, each step with its bound; resolves when nothing is left or the last bound is over. */
  stop(bounds: StopBounds = DEFAULT_STOP_BOUNDS): Promise<void> {
    this.#stopping ??= this.#stop(bounds);
    return this.#stopping;
  }

  async #stop(bounds: StopBounds): Promise<void> {
    const { pid, stdin } = this.#child;
    if (pid === undefined) return;
    stdin?.on('error', () => undefined);
    stdin?.end();
    await within(bounds.closeMs, () => this.#ended);
    // What the server has left behind when it ended has nothing to finish.
    let gone = await within(this.#ended ? bounds.leftoverMs : 0, async () => !(await this.#alive()));
    for (const [end, boundMs] of [
      [() => this.#signal('SIGTERM'), bounds.terminateMs],
      // A server that does not end cannot end what it has set free either, and once it is gone nothing tells whose that is.
      [
        () => {
          this.#guardian.uproot(pid);
        },
        bounds.uprootMs,
      ],
      [() => this.#signal('SIGKILL'), bounds.killMs],
    ] as const) {
      if (gone) break;
      await end();
      gone = await within(boundMs, async () => !(await this.#alive()));
    }
    if (gone) this.#guardian.release(pid);
  }

  /** Whether the child itself has ended. */
  get #ended(): boolean {
    const { exitCode, signalCode } = this.#child;
    return exitCode !== null || signalCode !== null;
  }

  /** Whether anything of the group lives, as far as the system tells. */
  async #alive(): Promise<boolean> {
    const { pid } = this.#child;
    if (!this.#ended || pid === undefined) return true;
    if (process.platform === 'win32') return false;
    try {
      process.kill(-pid, 0);
    } catch {
      return false;
    }
    // Twice, because a process can spawn another and end while the table is read, and neither is seen.
    for (let reading = 0; reading < 2; reading++)
      if ((await this.#guardian.liveGroups())?.has(pid) ?? true) return true;
    return false;
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (process.platform === 'win32') {
      // There is no polite way to end a console tree from outside; stdin was closed before.
      await new Promise<void>((resolve) => {
        const killer = taskkill(pid);
        killer.once('error', () => {
          resolve();
        });
        killer.once('exit', () => {
          resolve();
        });
      });
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // The group ended in between.
    }
  }
}

/** @returns whether the condition came true within the bound */
async function within(boundMs: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
}
