/** Runs tasks of the same key one after another, tasks of different keys side by side. Tasks must not reject. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();
  #alone: Promise<void> = Promise.resolve();

  run(key: string, task: () => Promise<void>): Promise<void> {
    const before = Promise.all([this.#tails.get(key), this.#alone]);
    const tail = before.then(task).finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    this.#tails.set(key, tail);
    return tail;
  }

  /** Runs a task when all that were asked for before are done, and before all that are asked for later. */
  runAlone(task: () => Promise<void>): Promise<void> {
    this.#alone = Promise.all([...this.#tails.values(), this.#alone]).then(task);
    return this.#alone;
  }

  /** Resolves when nothing that was asked for before is still to be done. */
  async idle(): Promise<void> {
    await Promise.all([...this.#tails.values(), this.#alone]);
  }
}
