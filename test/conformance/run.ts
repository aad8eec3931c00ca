/** `npm run conformance [-- --direct]`: the conformance suite as a table; 1 when the gateway does worse than its upstream. */
import { isWorse, tableText } from './compare.js';
import { clientScenarios, SERVER_COLUMNS, serverScenarios } from './conformance.js';

async function main(): Promise<void> {
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    const directOnly = process.argv.includes('--direct');
    const server = await serverScenarios(cleanups, directOnly);
    console.log(`As a server\n\n${tableText(directOnly ? ['direct'] : SERVER_COLUMNS, server)}`);
    const client = await clientScenarios();
    console.log(`As a client\n\n${tableText(['gateway'], client)}`);
    process.exitCode =
      server.some(isWorse) || client.some(({ verdicts }) => verdicts.includes('fail')) ? 1 : 0;
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
