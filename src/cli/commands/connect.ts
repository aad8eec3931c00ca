import { NO_GATEWAY } from '../../connect/reconnectingSession.js';
import { locate, unprovenText } from '../../connect/locate.js';
import { relayStdio, TokenGoneError } from '../../connect/relayStdio.js';
import { announcementDirectory, thisMachine, tokensDirectory } from '../../endpoint/stateDirectory.js';
import { isExpired, isTokenName, TOKEN_NAME_RULE } from '../../endpoint/tokens/clientToken.js';
import { TokenStore } from '../../endpoint/tokens/tokenStore.js';
import { abortable } from '../../base/async/abort.js';
import type { ConnectOptions } from '../commandLine.js';
import { exitCodes, UnavailableError, UsageError } from '../failure.js';
import type { CliLog } from '../log.js';
import type { Output } from '../output.js';
import { limitStalls } from '../stallLimit.js';

/**
 * MCP on standard input and output, by way of the gateway of this user that runs.
 * @throws UnavailableError when none runs, UsageError when none has the server, the signal's reason
 */
export async function connect(
  { server, client }: ConnectOptions,
  output: Output,
  log: CliLog,
  signal: AbortSignal,
): Promise<number> {
  if (client !== undefined && !isTokenName(client))
    throw new UsageError(`There is no token "${client}". ${TOKEN_NAME_RULE}`);
  const clientToken = client === undefined ? undefined : tokenNamed(client);
  if (clientToken && (await clientToken()) === undefined) throw noToken(String(client));
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
  limitStalls();
  const relayed = relayStdio({
    input: process.stdin,
    write: (text) => output.write(text),
    search,
    first: location.found,
    ...(clientToken ? { clientToken } : {}),
    logger: log.user,
    signal,
  });
  await relayed.catch((error: unknown) => {
    throw error instanceof TokenGoneError ? noToken(String(client)) : error;
  });
  return exitCodes.done;
}

const noToken = (name: string): UsageError =>
  new UsageError(
    `There is no token "${name}", or it has expired. Make it with "token create --name ${name}", or copy the client configuration again.`,
  );

/** The token of this name, as it is at the time. */
function tokenNamed(name: string): () => Promise<string | undefined> {
  const store = new TokenStore(tokensDirectory(thisMachine()));
  return async () => {
    const kept = await store.read(name);
    return kept && !isExpired(kept, Date.now()) ? kept.token : undefined;
  };
}
