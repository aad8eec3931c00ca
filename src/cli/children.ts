import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { taskkill } from '../base/process/taskkill.js';

/**
 * Knows every process that this one has started (by Node's own `child_process` channel), so that an end without time
 * for a clean close leaves none behind either (invariant NoOrphans).
 */
export class Children {
  readonly #children = new Set<ChildProcess>();
  readonly #onSpawn = (message: unknown): void => {
    this.#children.add((message as { readonly process: ChildProcess }).process);
  };

  constructor() {
    subscribe('child_process', this.#onSpawn);
  }

  /** Ends all at once, each with its process group. Waits for nothing: it is called when the process exits. */
  kill(): void {
    this.release();
    for (const child of this.#children) killGroup(child);
    this.#children.clear();
  }

  /** Everything was closed in good order: from now on these are other people's process ids. */
  forget(): void {
    this.release();
    this.#children.clear();
  }

  private release(): void {
    unsubscribe('child_process', this.#onSpawn);
  }
}

function killGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    if (exitCode !== null) return;
    const killer = taskkill(pid);
    killer.on('error', () => undefined);
    killer.unref();
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended.
  }
}
