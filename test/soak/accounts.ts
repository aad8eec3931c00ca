/** How a call ended, as its caller saw it. */
export type Ending = 'answered' | 'not-executed' | 'unknown';

/** What the books say at the end. */
export interface Audit {
  readonly calls: number;
  readonly answered: number;
  readonly notExecuted: number;
  /** Failures after which the tool may have run, and how many of those had. */
  readonly unknown: number;
  readonly unknownThatRan: number;
  /** As counted by the servers. */
  readonly executions: number;
  /** The first few of what does not add up, in words. */
  readonly problems: readonly string[];
  /** How many calls do not add up. */
  readonly wrong: number;
}

const OPEN = 0;
const CODES: readonly Ending[] = ['answered', 'not-executed', 'unknown'];
const SHOWN = 10;
const FIRST_CAPACITY = 4096;

/**
 * The books of all calls: what became of each for its caller, and how often its server ran it. Three bytes a call and
 * no objects, so that the books do not show in the memory that is measured.
 */
export class Accounts {
  readonly #servers: string[] = [];
  #count = 0;
  #open = 0;
  #server = new Uint8Array(FIRST_CAPACITY);
  #ending = new Uint8Array(FIRST_CAPACITY);
  #executions = new Uint8Array(FIRST_CAPACITY);
  readonly #strange: string[] = [];
  #strangeCount = 0;

  /** Calls that have not ended yet. */
  get open(): number {
    return this.#open;
  }

  get issued(): number {
    return this.#count;
  }

  /** A call is about to be made. @returns its nonce */
  issue(server: string): string {
    if (this.#count === this.#server.length) this.#grow();
    let index = this.#servers.indexOf(server);
    if (index < 0) index = this.#servers.push(server) - 1;
    this.#server[this.#count] = index;
    this.#open++;
    return `n${this.#count++}`;
  }

  /** A call has ended. A second end of the same call is a problem of its own. */
  settle(nonce: string, ending: Ending): void {
    const index = this.#index(nonce);
    if (index === undefined || this.#ending[index] !== OPEN) {
      this.#say(`${nonce} ended a second time, as ${ending}`);
      return;
    }
    this.#ending[index] = CODES.indexOf(ending) + 1;
    this.#open--;
  }

  /** A server says that it ran the call. */
  executed(server: string, nonce: string): void {
    const index = this.#index(nonce);
    if (index === undefined) {
      this.#say(`${server} ran "${nonce}", which nobody asked for`);
      return;
    }
    const asked = this.#servers[this.#server[index]!];
    if (asked !== server) this.#say(`${server} ran ${nonce}, which was meant for ${String(asked)}`);
    if (this.#executions[index]! < 255) this.#executions[index]!++;
  }

  audit(): Audit {
    const counts = { open: 0, answered: 0, 'not-executed': 0, unknown: 0 };
    let executions = 0;
    let unknownThatRan = 0;
    const problems = [...this.#strange];
    let wrong = this.#strangeCount;
    for (let index = 0; index < this.#count; index++) {
      const ending = CODES[this.#ending[index]! - 1] ?? 'open';
      const times = this.#executions[index]!;
      counts[ending]++;
      executions += times;
      if (ending === 'unknown' && times > 0) unknownThatRan++;
      const right = ending === 'answered' ? times === 1 : ending === 'unknown' ? times <= 1 : times === 0;
      if (right && ending !== 'open') continue;
      wrong++;
      if (problems.length < SHOWN)
        problems.push(
          `n${index} to ${this.#servers[this.#server[index]!]!}: ${ending} for its caller, run ${times} times by the server`,
        );
    }
    return {
      calls: this.#count,
      answered: counts.answered,
      notExecuted: counts['not-executed'],
      unknown: counts.unknown,
      unknownThatRan,
      executions,
      problems,
      wrong,
    };
  }

  #index(nonce: string): number | undefined {
    const index = /^n\d+$/.test(nonce) ? Number(nonce.slice(1)) : this.#count;
    return index < this.#count ? index : undefined;
  }

  #say(what: string): void {
    this.#strangeCount++;
    if (this.#strange.length < SHOWN) this.#strange.push(what);
  }

  #grow(): void {
    const larger = (column: Uint8Array): Uint8Array<ArrayBuffer> => {
      const copy = new Uint8Array(column.length * 2);
      copy.set(column);
      return copy;
    };
    this.#server = larger(this.#server);
    this.#ending = larger(this.#ending);
    this.#executions = larger(this.#executions);
  }
}
