import type { RequestId } from './messages.js';

/**
 * What is in work now, by id. No `Map`, because entries come and go with every request: V8 links each table that a map has
 * outgrown to the next one, and what was in them stays, and ages, until the whole heap is collected. Under load that made a
 * hundred megabytes of garbage and pauses of 20 ms of it.
 */
export class InFlightMap<T> {
  #entries = none<T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: RequestId): boolean {
    return this.get(id) !== undefined;
  }

  get(id: RequestId): T | undefined {
    return this.#entries[keyOf(id)];
  }

  /** @param entry takes the place of another one with this id */
  set(id: RequestId, entry: T): void {
    const key = keyOf(id);
    if (this.#entries[key] === undefined) this.#size++;
    this.#entries[key] = entry;
  }

  delete(id: RequestId): void {
    const key = keyOf(id);
    if (this.#entries[key] === undefined) return;
    this.#size--;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- See above.
    delete this.#entries[key];
  }

  /** Those that are in work at the time of the call. */
  values(): T[] {
    return Object.values(this.#entries);
  }

  clear(): void {
    this.#entries = none();
    this.#size = 0;
  }
}

const none = <T>(): Record<string | number, T> => Object.create(null) as Record<string | number, T>;

/** A number and its digits as text are two ids (JSON-RPC 2.0, "Request object"); whatever else the other side sends is none. */
const keyOf = (id: unknown): string | number =>
  typeof id === 'number' ? id : typeof id === 'string' ? `"${id}` : '';
