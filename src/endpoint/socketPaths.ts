import { createHash } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import { pathsOf } from '../base/pathsOf.js';
import { isSocketPath, socketPath } from '../base/socketName.js';
import { stateDirectory, thisMachine, type Machine } from './stateDirectory.js';

/** What the place of a user's sockets depends on, beside their folders. */
export interface SocketMachine extends Machine {
  /** The folder for temporary files. */
  readonly temp: string;
  /** Of the user; none on Windows. */
  readonly uid: number | undefined;
  readonly host: string;
}

/** Gateways of one identity that can run at the same time, each with a socket of its own. */
const PER_IDENTITY = 8;

/** The machine of this process. */
export const socketMachine = (): SocketMachine => ({
  ...thisMachine(),
  temp: tmpdir(),
  uid: process.getuid?.(),
  host: hostname(),
});

/**
 * Where a gateway may listen, best first: always the same for one identity (a workspace, a config file) of one user, and
 * another for another one. All are short enough for the system.
 *
 * The state directory comes first, because it lives as long as the user: `XDG_RUNTIME_DIR` is emptied when they log out,
 * while an editor's remote host still runs. A folder in the temp directory is where both have names that are too long.
 */
export function socketPaths(machine: SocketMachine, identity: string): readonly string[] {
  const { platform, env, temp, uid, host, home } = machine;
  const system = pathsOf(platform);
  const runtime = env['XDG_RUNTIME_DIR'];
  const inTemp = `mcp-tool-gateway-${uid ?? 'user'}`;
  const folders =
    platform === 'win32'
      ? ['']
      : [
          system.join(stateDirectory(machine), 'sockets'),
          ...(runtime && system.isAbsolute(runtime) ? [system.join(runtime, 'mcp-tool-gateway')] : []),
          system.join(temp, inTemp),
          system.join('/tmp', inTemp),
        ];
  // A home folder may be on several machines. A Mac's name is another in another network.
  const name = hash([platform === 'darwin' ? '' : host, home, identity]);
  const names = Array.from({ length: PER_IDENTITY }, (_, index) =>
    index === 0 ? name : `${name}-${index + 1}`,
  );
  const paths = folders.flatMap((folder) =>
    names.map((each) =>
      socketPath(folder, platform === 'win32' ? `mcp-tool-gateway-${each}` : `${each}.sock`, platform),
    ),
  );
  return [...new Set(paths)].filter((path) => isSocketPath(path, platform));
}

const hash = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
