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

/** How much is called: in so many rounds, so many calls one after the other, and so many by callers at the same time. */
export interface Calls {
  readonly rounds: number;
  readonly oneByOne: number;
  readonly perBurst: number;
}

/** How much is done: all of it, or only enough to see that every row has a number. */
export interface Effort {
  /** Calls are short here, and whether two processes share a core just then matters more than they do: many rounds. */
  readonly inProcess: Calls;
  readonly overHttp: Calls;
  readonly rounds: number;
  /** Numbers of servers for the growth of lists and starts. */
  readonly servers: readonly number[];
  readonly graceMs: number;
  readonly largeChars: number;
}

export const WHOLE: Effort = {
  inProcess: { rounds: 25, oneByOne: 400, perBurst: 6000 },
  overHttp: { rounds: 9, oneByOne: 300, perBurst: 4000 },
  rounds: 7,
  servers: [1, 10, 100, 500],
  graceMs: 1000,
  largeChars: 10_000_000,
};

export const SMOKE: Effort = {
  inProcess: { rounds: 1, oneByOne: 5, perBurst: 32 },
  overHttp: { rounds: 1, oneByOne: 5, perBurst: 32 },
  rounds: 1,
  servers: [1, 2],
  graceMs: 500,
  largeChars: 100_000,
};

export const times = (ratio: number): string => `${ratio < 0.095 ? ratio.toFixed(3) : ratio.toFixed(2)} ×`;
export const ms = (value: number): string => `${value < 10 ? value.toFixed(3) : value.toFixed(0)} ms`;
export const rate = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
