/**
 * The bench of bad servers in a process of its own, because some of them live in the process that makes them: writes
 * their settings, as one line of JSON, and closes them all when its input ends.
 */
import { once } from 'node:events';
import { badServers, oddServers } from '../support/badServers.js';
import type { BenchEntry } from './bench.js';

async function main(): Promise<void> {
  const bench = await Promise.all(
    Object.entries(badServers).map(async ([name, make]) => ({ name, server: await make() })),
  );
  const entries: BenchEntry[] = bench.map(({ name, server }) => ({
    name,
    definition: server.definition,
    works: name in oddServers,
  }));
  process.stdout.write(`${JSON.stringify(entries)}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await Promise.all(bench.map(({ server }) => server.close()));
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => process.exit());
