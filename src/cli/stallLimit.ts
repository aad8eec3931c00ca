import type { Gateway } from '../gateway/api.js';

/** How long the event loop may stand still. */
const LIMIT_MS = 5000;
const BEAT_MS = 250;

/**
 * Kept as text, because it is small and must run whatever folder the program is in. It counts its own beats, so that a machine
 * that was asleep is no stall.
 */
const OBSERVER = `
const { workerData: { beats, limitMs, beatMs, message } } = require('node:worker_threads');
const { write } = require('node:fs');
const end = () => process.kill(process.pid, 'SIGKILL');
let last = -1;
let still = 0;
const timer = setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = now === last ? still + 1 : 0;
  last = now;
  if (still * beatMs < limitMs) return;
  clearInterval(timer);
  setTimeout(end, 2 * beatMs);
  write(2, message, end);
}, beatMs);
`;

/**
 * Limits stalls from the moment at which the first server starts: before that, nothing comes in that could cause one, and the
 * thread takes as much memory as a sixth of an idle gateway.
 */
export function limitStallsWhenStarted(gateway: Pick<Gateway, 'servers' | 'onDidChangeServers'>): void {
  const subscription = gateway.onDidChangeServers(() => {
    if (gateway.servers().every(({ phase }) => phase === 'idle')) return;
    subscription.dispose();
    limitStalls();
  });
}

/**
 * Ends this process when its event loop has stood still for 5 s: no signal would be heard any more, as their handlers run on that
 * loop. A thread watches, because only another thread can. Not under a debugger, which stops the loop on purpose.
 */
export function limitStalls(): void {
  if (process.getBuiltinModule('node:inspector').url() !== undefined) return;
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const message = `error: This program stood still for ${LIMIT_MS / 1000} s and has ended itself. Please report it with what it was doing; --verbose shows that.\n`;
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const observer = new Worker(OBSERVER, {
    eval: true,
    env: {},
    execArgv: [],
    name: 'stall limit',
    workerData: { beats, limitMs: LIMIT_MS, beatMs: BEAT_MS, message },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  });
  // Without it everything works, but for a stall's end.
  observer.on('error', () => undefined);
  observer.unref();
  setInterval(() => {
    Atomics.add(beats, 0, 1);
  }, BEAT_MS).unref();
}
