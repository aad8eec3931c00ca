import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** One server of the bench, as the bench's own process tells of it. */
export interface BenchEntry {
  readonly name: string;
  readonly definition: Record<string, unknown>;
  /** Odd, but its tools are there. */
  readonly works: boolean;
}

export interface Bench {
  readonly entries: readonly BenchEntry[];
  /** Whether it is still there, as it should be. */
  readonly alive: () => boolean;
  /** Resolves when nothing of it is left. */
  readonly close: () => Promise<void>;
}

/** Starts the bench of bad servers. @throws when it does not come up */
export async function startBench(): Promise<Bench> {
  const child = spawn(process.execPath, ['--import', 'tsx', resolve('test/soak/benchHost.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    exit.then(() => {
      throw new Error('The bench of bad servers did not start.');
    }),
  ])) as [string];
  return {
    entries: JSON.parse(line) as BenchEntry[],
    alive: () => child.exitCode === null && child.signalCode === null,
    close: async () => {
      child.stdin.end();
      await exit;
    },
  };
}
