/** `npm run conformance [-- --direct]`: the conformance suite against the gateway, as a table; 1 when the gateway is worse than its upstream. */
import { isWorse, tableText } from './compare.js';
import { clientScenarios, serverScenarios } from './conformance.js';

async function main(): Promise<void> {
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    const server = await serverScenarios(cleanups, process.argv.includes('--direct'));
    console.log(`As a server\n\n${tableText(server)}`);
    const client = await clientScenarios();
    console.log(`As a client\n\n${tableText(client)}`);
    process.exitCode = server.some(isWorse) || client.some(({ gateway }) => gateway !== 'pass') ? 1 : 0;
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
