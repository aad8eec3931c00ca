import type { HttpReach, Reach } from './reach.js';

/** The clients that a configuration can be made for. */
export type ClientId = 'claude-code' | 'copilot-cli' | 'codex-cli' | 'gemini-cli' | 'cursor' | 'generic';

/** Plain JSON; of TOML's types no other is needed. */
export type Entry = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;

/** What a client's documentation says of its configuration. */
export interface Client {
  readonly id: ClientId;
  readonly label: string;
  readonly format: 'json' | 'toml';
  /** The file of all projects, for people. */
  readonly userFile: string;
  /** The file of one project, relative to its folder, with `/`. */
  readonly projectFile: string | undefined;
  /** Whether a server's name may have a `_`. */
  readonly underscores: boolean;
  /** What a file says of one server. */
  readonly entry: (reach: Reach) => Entry;
  /** The words of a command that adds a server for all projects; `undefined` where there is none that can. */
  readonly command: (name: string, reach: Reach) => readonly string[] | undefined;
}

const bearer = ({ token }: HttpReach): string => `Bearer ${token}`;

/** The entry that most clients read, under `mcpServers`. */
const commonEntry = (reach: Reach): Entry =>
  reach.kind === 'stdio'
    ? { type: 'stdio', command: reach.command, args: reach.args, ...environment(reach.env) }
    : { type: 'http', url: reach.url, headers: { Authorization: bearer(reach) } };

const environment = (env: Readonly<Record<string, string>>): Entry =>
  Object.keys(env).length === 0 ? {} : { env };

const options = (name: string, env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).flatMap(([key, value]) => [name, `${key}=${value}`]);

/**
 * https://code.claude.com/docs/en/mcp: `claude mcp add`, scopes, `.mcp.json`. `--env` and `--header` take every word up
 * to the next option, so that neither may stand right before the name.
 */
const claudeCode: Client = {
  id: 'claude-code',
  label: 'Claude Code',
  format: 'json',
  userFile: '~/.claude.json',
  projectFile: '.mcp.json',
  underscores: true,
  entry: commonEntry,
  command: (name, reach) => {
    const add = ['claude', 'mcp', 'add', '--scope', 'user'];
    return reach.kind === 'stdio'
      ? [
          ...add,
          ...options('--env', reach.env),
          ...['--transport', 'stdio', name, '--', reach.command, ...reach.args],
        ]
      : [...add, '--transport', 'http', name, reach.url, '--header', `Authorization: ${bearer(reach)}`];
  },
};

/**
 * https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers: the file by hand, or a form in
 * the client; `tools` says which are offered, `.mcp.json` is for what stays in one checkout.
 */
const copilotCli: Client = {
  id: 'copilot-cli',
  label: 'Copilot CLI',
  format: 'json',
  userFile: '~/.copilot/mcp-config.json',
  projectFile: '.mcp.json',
  underscores: true,
  entry: (reach) => ({ ...commonEntry(reach), tools: ['*'] }),
  command: () => undefined,
};

/**
 * https://developers.openai.com/codex/mcp: `codex mcp add`, `[mcp_servers.<name>]`, and `.codex/config.toml` in projects
 * that are trusted. The command takes the name of a variable for the token, never the token: over HTTP it is the file.
 */
const codexCli: Client = {
  id: 'codex-cli',
  label: 'Codex CLI',
  format: 'toml',
  userFile: '~/.codex/config.toml',
  projectFile: '.codex/config.toml',
  underscores: true,
  entry: (reach) =>
    reach.kind === 'stdio'
      ? { command: reach.command, args: reach.args, ...environment(reach.env) }
      : { url: reach.url, http_headers: { Authorization: bearer(reach) } },
  command: (name, reach) =>
    reach.kind === 'stdio'
      ? [
          ...['codex', 'mcp', 'add', name],
          ...options('--env', reach.env),
          ...['--', reach.command, ...reach.args],
        ]
      : undefined,
};

/**
 * https://geminicli.com/docs/tools/mcp-server: `gemini mcp add [options] <name> <commandOrUrl> [args...]`, options of the
 * server after `--`; in the file `url` would mean SSE, Streamable HTTP is `httpUrl`; no `_` in names.
 */
const geminiCli: Client = {
  id: 'gemini-cli',
  label: 'Gemini CLI',
  format: 'json',
  userFile: '~/.gemini/settings.json',
  projectFile: '.gemini/settings.json',
  underscores: false,
  entry: (reach) =>
    reach.kind === 'stdio'
      ? { command: reach.command, args: reach.args, ...environment(reach.env) }
      : { httpUrl: reach.url, headers: { Authorization: bearer(reach) } },
  command: (name, reach) => {
    const add = ['gemini', 'mcp', 'add', '--scope', 'user'];
    return reach.kind === 'stdio'
      ? [...add, ...options('--env', reach.env), name, reach.command, '--', ...reach.args]
      : [...add, '--transport', 'http', '--header', `Authorization: ${bearer(reach)}`, name, reach.url];
  },
};

/** https://cursor.com/docs/mcp: files only; what has a `url` needs no `type`. */
const cursor: Client = {
  id: 'cursor',
  label: 'Cursor',
  format: 'json',
  userFile: '~/.cursor/mcp.json',
  projectFile: '.cursor/mcp.json',
  underscores: true,
  entry: (reach) =>
    reach.kind === 'stdio'
      ? commonEntry(reach)
      : { url: reach.url, headers: { Authorization: bearer(reach) } },
  command: () => undefined,
};

/** The form that most clients took over from the first one. */
const generic: Client = {
  id: 'generic',
  label: 'Another client',
  format: 'json',
  userFile: "the client's MCP settings",
  projectFile: undefined,
  underscores: true,
  entry: commonEntry,
  command: () => undefined,
};

/** In the order in which they are offered. */
export const CLIENTS: readonly Client[] = [claudeCode, copilotCli, codexCli, geminiCli, cursor, generic];
