/**
 * Items of several owners that wait for their turn: owners take turns, and each owner's items keep their order, so that
 * one who queues a thousand holds another up by one.
 */
export class FairQueue<T> {
  /** The owner whose turn is next comes first; an owner without items has no line. */
  readonly #lines = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many items of this owner wait. */
  count(owner: string): number {
    return this.#lines.get(owner)?.size ?? 0;
  }

  /** @param item must not wait already */
  add(owner: string, item: T): void {
    const line = this.#lines.get(owner);
    if (line) line.add(item);
    else this.#lines.set(owner, new Set([item]));
    this.#size++;
  }

  /** Takes an item out before its turn; nothing happens when it does not wait any more. */
  delete(owner: string, item: T): void {
    const line = this.#lines.get(owner);
    if (!line?.delete(item)) return;
    this.#size--;
    if (line.size === 0) this.#lines.delete(owner);
  }

  /** Takes out the item whose turn it is; its owner's next turn comes after everybody else's. */
  take(): T | undefined {
    for (const [owner, line] of this.#lines)
      for (const item of line) {
        this.delete(owner, item);
        if (this.#lines.delete(owner)) this.#lines.set(owner, line);
        return item;
      }
    return undefined;
  }

  /** The owner with the most items and the newest of them. Looks at every owner. */
  longest(): { readonly owner: string; readonly newest: T; readonly count: number } | undefined {
    let found: { owner: string; line: Set<T> } | undefined;
    for (const [owner, line] of this.#lines)
      if (!found || line.size > found.line.size) found = { owner, line };
    if (!found) return undefined;
    const [newest] = [...found.line].slice(-1) as [T];
    return { owner: found.owner, newest, count: found.line.size };
  }

  /** All that wait, in no particular order. */
  values(): T[] {
    return [...this.#lines.values()].flatMap((line) => [...line]);
  }
}
