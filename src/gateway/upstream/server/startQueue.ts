import { availableParallelism } from 'node:os';
import { atMost } from '../../../base/async/abort.js';
import { deferred } from '../../../base/async/deferred.js';
import { readProcess, readProcesses, type ProcessEntry } from '../stdio/processTable.js';

/** Who waits for a start: a call or a person; a list; nobody. */
export type StartPriority = 'front' | 'list' | 'background';

const ORDER: Readonly<Record<StartPriority, number>> = { front: 0, list: 1, background: 2 };

/** Milliseconds between two looks at what the starting processes do; only while others wait for a place. */
const LOOK_MS = 60;
/** Milliseconds for which a start keeps its place at most; also a server that never ends to compute must let others start. */
const MAX_HOLD_MS = 3000;
/** The same where the system does not tell what processes do. */
const BLIND_HOLD_MS = 1000;
/** What the start of a server that never started yet is taken for, in milliseconds. */
const UNKNOWN_START_MS = 1500;

/** Milliseconds for which starts wait until is known of all how quick they were; no more than a hint is lost by a slow disk. */
const MAX_GATHER_MS = 100;

/** How the queue sees processes and time; others in tests. */
export interface StartQueueView {
  readonly limit: number;
  readonly process: typeof readProcess;
  readonly processes: typeof readProcesses;
  /** Whether the system tells what processes do. */
  readonly sighted: boolean;
}

/** One start on its way through the queue. */
export interface StartTicket {
  /** Resolves when the process may be started. */
  readonly admitted: Promise<void>;
  /** Somebody else waits for it now. */
  hurry(priority: StartPriority): void;
  /** Tells its process, as soon as there is one: while that idles, another may start. */
  readonly follow: (pid: () => number | undefined) => void;
  /** It is over, or not wanted any more. */
  leave(): void;
}

interface Entry {
  priority: StartPriority;
  readonly expectedMs: number;
  readonly admitted: ReturnType<typeof deferred>;
  pid: () => number | undefined;
  since: number;
  /** Processor time at the last look: of the process itself, and of its whole group once that was looked at. */
  ticks: number;
  groupTicks: number | undefined;
}

/**
 * Lets programs start a few at a time, because many at once are all ready late: those that somebody waits for first, and
 * among them those that were quick last time. A start that waits for something else than a processor gives its place to
 * the next. Calls and people never wait here.
 */
export class StartQueue {
  readonly #waiting = new Set<Entry>();
  readonly #holding = new Set<Entry>();
  readonly #view: StartQueueView;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #admitting = false;
  /** How many are being looked up and may come soon. */
  #lookups = 0;

  constructor(view: Partial<StartQueueView> = {}) {
    this.#view = {
      limit: Math.max(4, availableParallelism()),
      process: readProcess,
      processes: readProcesses,
      sighted: process.platform === 'linux',
      ...view,
    };
  }

  /**
   * Starts may come once this is over: until then, but no longer than 100 ms, nobody is let in, so that all are compared.
   * Calls and people are.
   */
  gather(lookup: Promise<unknown>): void {
    this.#lookups++;
    const over = (): void => {
      this.#lookups--;
      this.#admitLater();
    };
    atMost(lookup, MAX_GATHER_MS).then(over, over);
  }

  /** @param expectedMs how long its last start took, where that is known */
  enter(priority: StartPriority, expectedMs = UNKNOWN_START_MS): StartTicket {
    const entry: Entry = {
      priority,
      expectedMs,
      admitted: deferred(),
      pid: () => undefined,
      since: 0,
      ticks: -1,
      groupTicks: undefined,
    };
    this.#waiting.add(entry);
    if (priority === 'front') this.#admit(entry);
    this.#admitLater();
    return {
      admitted: entry.admitted.promise,
      hurry: (to) => {
        if (!this.#waiting.has(entry) || ORDER[to] >= ORDER[entry.priority]) return;
        entry.priority = to;
        if (to === 'front') this.#admit(entry);
      },
      follow: (pid) => {
        entry.pid = pid;
      },
      leave: () => {
        this.#waiting.delete(entry);
        if (this.#holding.delete(entry)) this.#admitLater();
      },
    };
  }

  /** In a later turn, so that all who ask in this one are compared. */
  #admitLater(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    setImmediate(() => {
      this.#admitting = false;
      while (this.#lookups === 0 && this.#waiting.size > 0 && this.#holding.size < this.#view.limit)
        this.#admit([...this.#waiting].reduce((a, b) => (comesBefore(b, a) ? b : a)));
      this.#watch();
    });
  }

  #admit(entry: Entry): void {
    this.#waiting.delete(entry);
    entry.since = performance.now();
    this.#holding.add(entry);
    entry.admitted.resolve();
  }

  #watch(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else this.#timer ??= setInterval(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    // One reading of all processes serves all who need it.
    let all: Promise<readonly ProcessEntry[]> | undefined;
    const processes = (): Promise<readonly ProcessEntry[]> => (all ??= this.#view.processes());
    await Promise.all([...this.#holding].map((entry) => this.#lookAt(entry, processes)));
    this.#looking = false;
    this.#watch();
  }

  async #lookAt(entry: Entry, processes: () => Promise<readonly ProcessEntry[]>): Promise<void> {
    const heldMs = performance.now() - entry.since;
    const isIdle = heldMs < MAX_HOLD_MS && this.#view.sighted && (await this.#isIdle(entry, processes));
    const over = heldMs >= (this.#view.sighted ? MAX_HOLD_MS : BLIND_HOLD_MS);
    if ((over || isIdle) && this.#holding.delete(entry)) this.#admitLater();
  }

  /** Whether nothing of its process group has used a processor since the last look, or wants one. */
  async #isIdle(entry: Entry, processes: () => Promise<readonly ProcessEntry[]>): Promise<boolean> {
    const pid = entry.pid();
    const own = pid === undefined ? undefined : await this.#view.process(pid);
    if (!own) return false;
    const before = entry.ticks;
    entry.ticks = own.ticks;
    if (own.state === 'R' || own.ticks !== before) return false;
    // It may wait for what it has started itself, as npx does; that is looked for only now, because it takes longer.
    const group = (await processes()).filter((one) => one.group === pid);
    const ticks = group.reduce((sum, one) => sum + one.ticks, 0);
    const groupBefore = entry.groupTicks;
    entry.groupTicks = ticks;
    return ticks === groupBefore && group.every(({ state }) => state !== 'R');
  }
}

const comesBefore = (a: Entry, b: Entry): boolean =>
  ORDER[a.priority] !== ORDER[b.priority]
    ? ORDER[a.priority] < ORDER[b.priority]
    : a.expectedMs < b.expectedMs;
