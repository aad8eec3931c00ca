import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Gateway } from './api.js';
import { GatewayService } from './gateway.js';
import { DEFAULT_TUNING, type Tuning } from './model/tuning.js';
import type { GatewayPorts, Self } from './ports.js';

/** The bundles that `esbuild.mjs` makes. */
const PROGRAMS = ['cli.js', 'extension.js'];
const CHECKER = 'checker.js';

/**
 * The one place where the parts of a gateway are put together. It runs nothing before `configure`.
 * @param tuning for tests, which cannot wait as long as people can
 */
export function createGateway(ports: GatewayPorts, tuning: Partial<Tuning> = {}): Gateway {
  return new GatewayService(ports, { ...DEFAULT_TUNING, ...tuning });
}

/** Names a new gateway. @param folder the absolute path of the bundles, of which the running program is one */
export const newSelf = (folder: string): Self => ({
  instance: randomUUID(),
  programs: PROGRAMS.map((name) => join(folder, name)),
  checker: join(folder, CHECKER),
  addresses: () => [],
});
