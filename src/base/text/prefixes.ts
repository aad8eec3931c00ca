/** One prefix. */
interface Entry {
  readonly prefix: string;
  /** The longest of the others that it begins with. */
  readonly parent: Entry | undefined;
  /** Whether it, or any that it begins with, is marked. */
  readonly marked: boolean;
}

/** Prefixes, some of them marked. A look-up takes logarithmically many comparisons, however many prefixes fit. */
export class Prefixes {
  /** In the order of their UTF-16 units. */
  readonly #entries: readonly Entry[];

  /** @param all each with whether it is marked */
  constructor(all: ReadonlyMap<string, boolean>) {
    let last: Entry | undefined;
    this.#entries = [...all]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([prefix, marked]) => {
        let parent = last;
        while (parent && !prefix.startsWith(parent.prefix)) parent = parent.parent;
        last = { prefix, parent, marked: marked || parent?.marked === true };
        return last;
      });
  }

  /** Whether any prefix that the text begins with is marked; `undefined` when it begins with none. */
  of(text: string): boolean | undefined {
    let entry = this.#lastBefore(text);
    if (!entry) return undefined;
    // All that the text begins with are this one or those that this one begins with.
    const common = commonLength(entry.prefix, text);
    while (entry && entry.prefix.length > common) entry = entry.parent;
    return entry?.marked;
  }

  /** The last one that does not come after the text. */
  #lastBefore(text: string): Entry | undefined {
    let [from, to] = [0, this.#entries.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#entries[middle] as Entry).prefix <= text) from = middle + 1;
      else to = middle;
    }
    return this.#entries[from - 1];
  }
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
