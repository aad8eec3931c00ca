/** A host of a gateway, to be killed: takes servers as JSON, a cache folder and how often each is restarted; says
 *  `ready` once all are live. */
import { testGateway } from './gateway.js';

async function main(): Promise<void> {
  const { gateway } = await testGateway(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>, [], {
    gracePeriodMs: 20_000,
    cacheDir: process.argv[3] ?? '',
  });
  await gateway.listTools();
  for (let turn = 0; turn < Number(process.argv[4] ?? 0); turn++)
    await Promise.all(gateway.servers().map(({ id }) => gateway.restart(id)));
  process.stdout.write('ready\n');
  // Until it is killed.
  setInterval(() => undefined, 1000);
}

void main();
