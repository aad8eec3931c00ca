/** One line of the table of results. */
export interface Row {
  /** As in the list of measures, with a letter where one measure has several figures. */
  readonly id: string;
  readonly measure: string;
  /** What it is held against. */
  readonly against: string;
  readonly target: string;
  readonly figure: string;
  readonly met: boolean;
  /** What the figure is made of: medians of both sides, in words. */
  readonly detail: string;
}

/** So many calls in each of so many rounds. */
export interface Turns {
  readonly rounds: number;
  readonly calls: number;
}

/** How much is called: one call after the other, and by callers at the same time. */
export interface Calls {
  readonly oneByOne: Turns;
  readonly bursts: Turns;
}

/** How much is done: all of it, or only enough to see that every row has a number. */
export interface Effort {
  /** Whether client and server share a core just then matters more here than they do: many short rounds. */
  readonly inProcess: Calls;
  readonly overHttp: Calls;
  readonly rounds: number;
  /** Numbers of servers for the growth of lists and starts. */
  readonly servers: readonly number[];
  readonly graceMs: number;
  /** Servers that start slowly, all at once. */
  readonly slow: { readonly servers: number; readonly graceMs: number; readonly rounds: number };
  readonly largeChars: number;
}

export const WHOLE: Effort = {
  inProcess: { oneByOne: { rounds: 250, calls: 40 }, bursts: { rounds: 25, calls: 6000 } },
  overHttp: { oneByOne: { rounds: 9, calls: 300 }, bursts: { rounds: 9, calls: 4000 } },
  rounds: 7,
  servers: [1, 10, 100, 500],
  graceMs: 1000,
  slow: { servers: 40, graceMs: 5000, rounds: 3 },
  largeChars: 16 * 1024 * 1024 - 1024,
};

export const SMOKE: Effort = {
  inProcess: { oneByOne: { rounds: 1, calls: 5 }, bursts: { rounds: 1, calls: 32 } },
  overHttp: { oneByOne: { rounds: 1, calls: 5 }, bursts: { rounds: 1, calls: 32 } },
  rounds: 1,
  servers: [1, 2],
  graceMs: 500,
  slow: { servers: 2, graceMs: 5000, rounds: 1 },
  largeChars: 100_000,
};

export const times = (ratio: number): string => `${ratio < 0.095 ? ratio.toFixed(3) : ratio.toFixed(2)} ×`;
export const ms = (value: number): string => `${value < 10 ? value.toFixed(3) : value.toFixed(0)} ms`;
export const rate = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
