/** Things on their way out, so that their owner can wait for them. */
export class Closings {
  readonly #open = new Set<Promise<unknown>>();

  /** @returns resolves when this one is gone, however it went */
  add(closing: Promise<unknown>): Promise<void> {
    const gone = closing
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        this.#open.delete(gone);
      });
    this.#open.add(gone);
    return gone;
  }

  /** Waits for those that are on their way out now; later ones do not count. */
  async present(): Promise<void> {
    await Promise.all([...this.#open]);
  }

  /** Waits for the first of those that are on their way out now; not at all when there is none. */
  async next(): Promise<void> {
    if (this.#open.size > 0) await Promise.race([...this.#open]);
  }

  /** Waits until nothing is on its way out any more. */
  async all(): Promise<void> {
    while (this.#open.size > 0) await this.present();
  }
}
