import { resolve } from 'node:path';
import { version } from '../../package.json';
import type { Gateway } from '../gateway/api.js';
import { openCallsFile } from '../endpoint/callsFile.js';
import { thisMachine } from '../endpoint/stateDirectory.js';
import { createDiskStore } from '../gateway/cache/diskStore.js';
import { createGateway, newSelf } from '../gateway/createGateway.js';
import type { GatewayOptions as GatewayRunOptions } from '../gateway/ports.js';
import type { InstanceId } from '../gateway/model/lineage.js';
import { abortable } from '../base/async/abort.js';
import type { GatewayOptions } from './commandLine.js';
import { loadConfig } from './config.js';
import { cacheDirectory } from './folders.js';
import type { CliLog } from './log.js';
import { limitStallsWhenStarted } from './stallLimit.js';

/** How this program names itself, to servers and to clients. */
export const programInfo = { name: 'mcp-tool-gateway', title: 'MCP Tool Gateway', version } as const;

/** What work on a gateway is done with. */
export interface Surroundings {
  readonly log: CliLog;
  readonly signal: AbortSignal;
  /** Where its endpoint listens now, if it has one. */
  readonly addresses?: () => readonly URL[];
  /** Whether the user trusts a server's word on which of its tools only read. */
  readonly trustsReadOnly?: GatewayRunOptions['trustsReadOnly'];
}

/**
 * Makes the gateway of a config file, and disposes it when the work is done.
 * @throws UsageError, and as the work does
 */
export async function withGateway<T>(
  options: GatewayOptions,
  { log, signal, addresses, trustsReadOnly }: Surroundings,
  work: (gateway: Gateway, instance: InstanceId) => Promise<T>,
): Promise<T> {
  const machine = thisMachine();
  const config = await abortable(loadConfig(options.config, machine, log.user), signal);
  const self = { ...newSelf(__dirname), ...(addresses ? { addresses } : {}) };
  const calls = openCallsFile(machine, 'command line', log.user);
  const gateway = createGateway({
    calls,
    logs: log.gateway,
    store: createDiskStore({
      directory: options.cache === undefined ? cacheDirectory(machine) : resolve(options.cache),
      logger: log.gateway.gateway,
    }),
    env: process.env,
    clientInfo: programInfo,
    self,
  });
  limitStallsWhenStarted(gateway);
  try {
    gateway.configure(config, {
      gracePeriodMs: options.grace,
      idleStopMs: 0,
      ...(trustsReadOnly ? { trustsReadOnly } : {}),
    });
    return await work(gateway, self.instance);
  } finally {
    await gateway.dispose();
    await calls.dispose();
  }
}
