import { createWriteStream, type WriteStream } from 'node:fs';

const PROBLEMS_KEPT = 30;

/** What happened: told to a file line by line, counted, and kept when it is a problem. */
export class Journal {
  readonly #startedAt = performance.now();
  readonly #file: WriteStream;
  readonly #tallies = new Map<string, number>();
  readonly #problems: string[] = [];
  #problemCount = 0;

  constructor(path: string) {
    this.#file = createWriteStream(path);
  }

  /** The first ones, in words. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  get problemCount(): number {
    return this.#problemCount;
  }

  log(line: string): void {
    this.#file.write(`${((performance.now() - this.#startedAt) / 1000).toFixed(3)} ${line}\n`);
  }

  problem(what: string, count = 1): void {
    this.#problemCount += count;
    this.log(`PROBLEM ${what}`);
    if (this.#problems.length < PROBLEMS_KEPT) this.#problems.push(what);
  }

  count(what: string, by = 1): void {
    this.#tallies.set(what, this.tally(what) + by);
  }

  tally(what: string): number {
    return this.#tallies.get(what) ?? 0;
  }

  /** All tallies whose names begin so, without that beginning; the largest first. */
  tallies(beginning: string): readonly (readonly [string, number])[] {
    return [...this.#tallies]
      .filter(([name]) => name.startsWith(beginning))
      .map(([name, count]) => [name.slice(beginning.length), count] as const)
      .sort(([, a], [, b]) => b - a);
  }

  /** Keeps the largest of the values that it is told. */
  most(what: string, value: number): void {
    this.#tallies.set(what, Math.max(this.tally(what), value));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}
