import { join } from 'node:path';
import { createDiskStore } from '../../src/gateway/cache/diskStore.js';
import { configOf, inProcess, silent, stdioSettings, type ServerSettings } from './ours.js';

/** Tools of each server. */
export const TOOLS_EACH = 20;

/** So many servers with twenty tools each, whose catalogs are in `<home>/cache` as if all had been started once. */
export async function manyServers(
  count: number,
  home: string,
): Promise<Readonly<Record<string, ServerSettings>>> {
  const settings = stdioSettings({ tools: TOOLS_EACH });
  const servers = Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, settings]));
  const directory = join(home, 'cache');
  // What one of them says is what all of them would.
  const gateway = await inProcess({ s0: settings }, directory, undefined, home);
  const { omitted } = await gateway.listTools();
  await gateway.dispose();
  if (omitted.length > 0) throw new Error(`The server could not be listed: ${omitted[0]?.message ?? ''}`);
  const store = createDiskStore({ directory, logger: silent });
  await store.idle();
  const { definitions } = await configOf(servers, home);
  const [first] = definitions;
  const stored = first && (await store.load(first.id, first.fingerprint));
  if (!stored) throw new Error('The catalog was not kept.');
  for (const { id, fingerprint } of definitions) await store.save(id, { ...stored, fingerprint });
  await store.idle();
  return servers;
}
