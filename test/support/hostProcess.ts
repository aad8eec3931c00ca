/** A host of a gateway, to be killed: takes servers as JSON and a cache folder, says `ready` once all are live. */
import { testGateway } from './gateway.js';

async function main(): Promise<void> {
  const { gateway } = await testGateway(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>, [], {
    gracePeriodMs: 20_000,
    cacheDir: process.argv[3] ?? '',
  });
  await gateway.listTools();
  process.stdout.write('ready\n');
  // Until it is killed.
  setInterval(() => undefined, 1000);
}

void main();
