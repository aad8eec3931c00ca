import { readFileSync } from 'node:fs';

const PERIOD_MS = 2;

/** How long an event loop stood still at most, in milliseconds. */
export interface Lag {
  /** All of it, but for the time in which the thread could have run and other processes had the processor. */
  readonly stoodMs: number;
  /** Of it, what the thread spent working. */
  readonly workedMs: number;
}

/**
 * Watches this process's event loop like `monitorEventLoopDelay`, but tells the thread's own doing from the machine's:
 * where other processes want the processor too, most of a delay says nothing about this one. Only Linux tells them
 * apart; elsewhere all of it counts.
 */
export function watchLag(): { readonly stop: () => Lag } {
  let [stoodMs, workedMs] = [0, 0];
  let before = times();
  const timer = setInterval(() => {
    const now = times();
    const passed = now.wall - before.wall;
    stoodMs = Math.max(stoodMs, passed - (now.queued - before.queued) - PERIOD_MS);
    workedMs = Math.max(workedMs, Math.min(passed, now.worked - before.worked));
    before = now;
  }, PERIOD_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return { stoodMs, workedMs };
    },
  };
}

/**
 * Counts the turns of this process's event loop, and what its thread worked in them, in milliseconds: how long others wait
 * for their turn on the average, which neither a busy machine nor a collection of garbage changes much.
 */
export function watchTurns(): { readonly stop: () => { readonly turns: number; readonly workedMs: number } } {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  const before = process.threadCpuUsage();
  return {
    stop: () => {
      clearImmediate(next);
      const { user, system } = process.threadCpuUsage(before);
      return { turns, workedMs: (user + system) / 1000 };
    },
  };
}

/** Milliseconds of the main thread of this process: in all, at work, and waiting for a processor. */
function times(): { readonly wall: number; readonly worked: number; readonly queued: number } {
  const wall = performance.now();
  try {
    const [worked, queued] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number);
    return { wall, worked: worked! / 1e6, queued: queued! / 1e6 };
  } catch {
    return { wall, worked: wall, queued: 0 };
  }
}
