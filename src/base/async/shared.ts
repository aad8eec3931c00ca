/** One use of a value that others may use too. */
export interface Share<T> {
  readonly value: T;
  /** Ends this use; called once. */
  readonly release: () => void;
}

/** What becomes of values that nobody uses any more. */
export interface Unused<T> {
  /** How many are kept for whoever comes back; the one that was left first makes room. */
  readonly most: number;
  /** Whether there is anything in it to come back for. */
  readonly isWanted: (value: T) => boolean;
  /** Lets go of one that is not kept. */
  readonly dispose?: (value: T) => void;
}

/** Values that several users have together, by key: each is made for the first of them, and goes with the last. */
export class Shared<T extends object> {
  readonly #used = new Map<string, { readonly value: T; users: number }>();
  /** In the order in which they were left. */
  readonly #unused = new Map<string, T>();

  constructor(private readonly unused: Unused<T>) {}

  /** Begins a use of what has this key. */
  take(key: string, make: () => T): Share<T> {
    const entry = this.#used.get(key) ?? { value: this.#unused.get(key) ?? make(), users: 0 };
    entry.users++;
    this.#used.set(key, entry);
    this.#unused.delete(key);
    return {
      value: entry.value,
      release: () => {
        if (--entry.users > 0) return;
        this.#used.delete(key);
        this.#leave(key, entry.value);
      },
    };
  }

  #leave(key: string, value: T): void {
    const { most, isWanted, dispose } = this.unused;
    if (isWanted(value)) this.#unused.set(key, value);
    else dispose?.(value);
    const [oldest] = this.#unused;
    if (this.#unused.size <= most || !oldest) return;
    this.#unused.delete(oldest[0]);
    dispose?.(oldest[1]);
  }
}
