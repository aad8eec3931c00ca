import { setTimeout as delay } from 'node:timers/promises';

const SAMPLES = 5;
const SAMPLE_MS = 100;

/** Bytes. */
export interface Memory {
  readonly heapUsed: number;
  readonly rss: number;
}

/** What a process is made of in a quiet moment. */
export interface Measure {
  readonly memory: Memory;
  readonly resources: ReadonlyMap<string, number>;
}

/**
 * What is in use once the garbage is gone. The least of a few looks, because some of it is let go of later, and a file
 * may just be written.
 */
export async function measure(): Promise<Measure> {
  let least: Measure = { memory: { heapUsed: Infinity, rss: Infinity }, resources: resources() };
  for (let sample = 0; sample < SAMPLES; sample++) {
    // The kind that gives memory back to the system, where it would be kept for the next peak.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await delay(SAMPLE_MS);
    const { heapUsed, rss } = process.memoryUsage();
    const { memory, resources: before } = least;
    const now = resources();
    least = {
      memory: { heapUsed: Math.min(memory.heapUsed, heapUsed), rss: Math.min(memory.rss, rss) },
      resources: new Map([...before].map(([kind, count]) => [kind, Math.min(count, now.get(kind) ?? 0)])),
    };
  }
  return least;
}

/** What keeps the event loop of this process alive, by kind: timers, sockets, pipes, children. */
export function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Where there is more than there was, in words; `allowed` says how many there may be where there were so many. */
export const growth = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  allowed: (before: number) => number = (count) => count,
): string[] =>
  [...after]
    .filter(([kind, count]) => count > allowed(before.get(kind) ?? 0))
    .map(([kind, count]) => `${before.get(kind) ?? 0} → ${count} ${kind}`);

export const LAG_RESOLUTION_MS = 5;

/** Milliseconds of lateness: the histogram measures from tick to tick, which lie apart even when nothing is late. */
export const lagMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LAG_RESOLUTION_MS);

const TICK_MS = 20;
const TOLD_MS = 300;

/** Keeps an eye on how late the event loop is, for those whose time it costs. */
export class Lateness {
  readonly #timer: NodeJS.Timeout;
  #totalMs = 0;

  /** @param tell takes each long lateness, and how much of it this process was computing: the rest it was kept waiting */
  constructor(tell: (lateMs: number, busyMs: number) => void) {
    let last = performance.now();
    let cpu = process.cpuUsage();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const lateMs = now - last - TICK_MS;
      const { user, system } = process.cpuUsage(cpu);
      last = now;
      cpu = process.cpuUsage();
      if (lateMs > TICK_MS) this.#totalMs += lateMs;
      if (lateMs > TOLD_MS) tell(lateMs, (user + system) / 1000);
    }, TICK_MS).unref();
  }

  /** Milliseconds, all together, so far. */
  get totalMs(): number {
    return this.#totalMs;
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}
