/** A client outside of VS Code, as terminal agents are. Takes both endpoints as JSON from `BENCH_ENDPOINTS`; prints its rows as JSON. */
import { compareGateways, type Endpoints } from './compare.js';

async function main(): Promise<void> {
  const endpoints = JSON.parse(process.env.BENCH_ENDPOINTS ?? '') as Endpoints;
  console.log(JSON.stringify(await compareGateways(endpoints, 'a process of its own')));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
