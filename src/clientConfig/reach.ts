import type { ServerId } from '../gateway/model/definition.js';

/** How a client reaches the gateway: it starts `connect`, which needs no secret, or it is given address and token. */
export type Reach = StdioReach | HttpReach;

/** A program that speaks MCP on its standard input and output. */
export interface StdioReach {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Streamable HTTP on loopback. */
export interface HttpReach {
  readonly kind: 'http';
  readonly url: string;
  /** The bearer token, in clear. */
  readonly token: string;
}

/** What runs a JavaScript file: a program, and the environment that it needs for that. */
export interface Runtime {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Programs whose path is gone after the next update or restart, or is none outside: revisions of a snap, a Flatpak's own
 * files, mounts of an AppImage, what macOS runs from the folder of downloads.
 */
const PASSING = /^\/snap\/|^\/app\/|\/\.mount_|\/AppTranslocation\//;

/**
 * What runs `connect` for clients outside of the editor.
 *
 * The desktop editor's own binary, told by `ELECTRON_RUN_AS_NODE` to be Node, which is how VS Code's `bin/code` runs its
 * own command line. It is there whenever the extension is, while a plain `node` is not: several clients install without
 * Node, and what is started from a dock or a menu does not see the `node` that a version manager adds in a shell.
 *
 * Where the extension host is no Electron (a remote machine, a container, the browser), its Node lies in a folder of one
 * version of the server, which the next update removes: there, and where the editor's own path does not last, it is the
 * `node` on the PATH.
 * @param host of this process: `process.execPath`, and whether there is a `process.versions.electron`
 */
export function runtimeOf(host: { readonly execPath: string; readonly electron: boolean }): Runtime {
  return host.electron && !PASSING.test(host.execPath)
    ? { command: host.execPath, env: { ELECTRON_RUN_AS_NODE: '1' } }
    : { command: 'node', env: {} };
}

/**
 * @param cli absolute path of `dist/cli.js`
 * @param server all of them under public names where it is left out
 * @param token name of the client's own token, where it has one
 */
export function reachByConnect(
  runtime: Runtime,
  cli: string,
  server: ServerId | undefined,
  token?: string,
): StdioReach {
  // In one word: an id may begin with a dash, and Gemini's command line makes a number of a word of digits.
  const args = [
    ...[cli, 'connect'],
    ...(token === undefined ? [] : [`--client=${token}`]),
    ...(server === undefined ? [] : [`--server=${server}`]),
  ];
  return { kind: 'stdio', command: runtime.command, args, env: runtime.env };
}
