import { join, resolve } from 'node:path';
import { announce } from '../../announcement/announce.js';
import { socketMachine, socketPaths } from '../../endpoint/socketPaths.js';
import { startEndpoint } from '../../endpoint/startEndpoint.js';
import {
  announcementDirectory,
  stateDirectory,
  thisMachine,
  tokensDirectory,
} from '../../endpoint/stateDirectory.js';
import { newToken } from '../../base/token.js';
import { LiveTokens } from '../../endpoint/tokens/liveTokens.js';
import { TokenStore } from '../../endpoint/tokens/tokenStore.js';
import type { Endpoint } from '../../endpoint/endpoint.js';
import type { ServerDefinition } from '../../gateway/model/definition.js';
import { abortReason } from '../../base/async/abort.js';
import type { ServeOptions } from '../commandLine.js';
import { workspaceFolder } from '../folders.js';
import type { CliLog } from '../log.js';
import type { Output } from '../output.js';
import { PortFile } from '../portFile.js';
import { tokenIn } from '../tokenFile.js';
import { programInfo, withGateway } from '../withGateway.js';

/**
 * The endpoint without an editor. Says in one line of JSON where it is, as soon as it takes connections, and serves until
 * the signal aborts.
 * @throws UsageError, the signal's reason
 */
export async function serve(
  options: ServeOptions,
  output: Output,
  log: CliLog,
  signal: AbortSignal,
): Promise<never> {
  const machine = thisMachine();
  const state = stateDirectory(machine);
  const config = resolve(options.config);
  const tokens = new TokenStore(tokensDirectory(machine));
  let endpoint: Endpoint | undefined;
  const trusted = new Set(options.trustReadOnly);
  const surroundings = {
    ...{ log, signal },
    addresses: () => endpoint?.addresses() ?? [],
    trustsReadOnly: ({ id }: ServerDefinition) => trusted.has(id),
  };
  return withGateway(options, surroundings, async (gateway, instance) => {
    // What knows the last run's token has no use for it in this one.
    const token = options.tokenFile === undefined ? newToken() : await tokenIn(resolve(options.tokenFile));
    const port = new PortFile(join(state, 'ports'), config);
    const wanted = options.port ?? (await port.read());
    const opened = await startEndpoint({
      gateway,
      instance,
      info: programInfo,
      logger: log.gateway.gateway,
      token: () => token,
      clients: new LiveTokens(() => tokens.list()),
      port: wanted,
      socketPaths: socketPaths(socketMachine(), config),
    });
    endpoint = opened;
    try {
      if (opened.port === 0)
        log.user.warn(
          'No port could be opened, so that only "connect" reaches this gateway, over its socket.',
        );
      else if (wanted !== 0 && opened.port !== wanted)
        log.user.warn(
          `Port ${wanted} is taken, so that ${opened.port} is used; clients that were given the old address need the new one.`,
        );
      // A port that was not to be had this time is no reason to forget it.
      if (options.port !== 0 && opened.port !== 0 && (wanted === 0 || opened.port === wanted))
        await port.write(opened.port, log.gateway.gateway);
      const servers = gateway.servers().map(({ id }) => id);
      const announcement = await announce(
        announcementDirectory(machine),
        { url: opened.url, socket: opened.socket, token, servers, folders: [workspaceFolder(config)] },
        log.user,
      );
      try {
        const urls = Object.fromEntries(servers.map((id) => [id, opened.urlOf(id)]));
        await output.write(
          `${JSON.stringify({ url: opened.url, token, pid: process.pid, servers: urls })}\n`,
        );
        void gateway.warmUp().catch(() => undefined);
        await aborted(signal);
      } finally {
        await announcement.dispose();
      }
    } finally {
      await opened.dispose();
    }
    throw abortReason(signal);
  });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
