import { NO_GATEWAY } from '../endpoint/connect/link.js';
import { locate, unprovenText } from '../endpoint/connect/locate.js';
import { relayStdio } from '../endpoint/connect/relayStdio.js';
import { announcementDirectory } from '../endpoint/stateDirectory.js';
import { abortable } from '../gateway/util/abort.js';
import type { ConnectOptions } from './commandLine.js';
import { exitCodes, UnavailableError, UsageError } from './failure.js';
import { thisMachine } from './folders.js';
import type { CliLog } from './log.js';
import type { Output } from './output.js';

/**
 * MCP on standard input and output, by way of the gateway of this user that runs.
 * @throws UnavailableError when none runs, UsageError when none has the server, the signal's reason
 */
export async function connect(
  { server }: ConnectOptions,
  output: Output,
  log: CliLog,
  signal: AbortSignal,
): Promise<number> {
  const search = { directory: announcementDirectory(thisMachine()), cwd: process.cwd(), server };
  const location = await abortable(locate(search), signal);
  // One that is silent may be busy: it is looked for again, for as long as a request may wait.
  if (!location.found && !location.failures.some(({ kind }) => kind === 'silent')) {
    const [failure] = location.failures;
    if (failure && location.servers === undefined) throw new UnavailableError(unprovenText(failure));
    if (server === undefined || location.servers === undefined) throw new UnavailableError(NO_GATEWAY);
    throw new UsageError(
      `No running gateway has a server "${server}". Use one of theirs: ${location.servers.join(', ') || 'none yet'}.`,
    );
  }
  await relayStdio({
    input: process.stdin,
    write: (text) => output.write(text),
    search,
    first: location.found,
    logger: log.user,
    signal,
  });
  return exitCodes.done;
}
