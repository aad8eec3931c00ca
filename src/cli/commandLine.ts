import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { version } from '../../package.json';
import { UsageError } from './failure.js';

/** What every command takes that makes a gateway. */
export interface GatewayOptions {
  /** Path of the config file. */
  readonly config: string;
  /** Milliseconds to wait for servers that are still starting. */
  readonly grace: number;
  /** Folder of the catalog cache, where it is not the user's own. */
  readonly cache: string | undefined;
  readonly verbose: boolean;
}

/** What `list` and `call` take. */
export interface SharedOptions extends GatewayOptions {
  readonly json: boolean;
}

export interface ServeOptions extends GatewayOptions {
  /** The port that is wanted, 0 for any; the last one where it is missing. */
  readonly port: number | undefined;
  /** Ids of the servers whose word is believed on which of their tools only read. */
  readonly trustReadOnly: readonly string[] | undefined;
  /** File of the token; a new one for each run where it is missing. */
  readonly tokenFile: string | undefined;
}

export interface ConnectOptions {
  /** Id of the one server that is wanted. */
  readonly server: string | undefined;
  /** Name of the client's own token. */
  readonly client: string | undefined;
  readonly verbose: boolean;
}

export interface CallsOptions {
  /** How many of the last calls are printed. */
  readonly last: number;
  /** Goes on with those that come. */
  readonly follow: boolean;
  /** One JSON object a line. */
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface TokenCreateOptions {
  readonly name: string;
  /** Ids of the servers that the client sees; all of them where it is missing. */
  readonly servers: readonly string[] | undefined;
  readonly readOnly: boolean;
  /** Milliseconds from now; never where it is missing. */
  readonly expires: number | undefined;
  readonly json: boolean;
}

/** What is done to the tokens of clients. */
export type TokenAction =
  | { readonly action: 'create'; readonly options: TokenCreateOptions }
  | { readonly action: 'list'; readonly options: { readonly json: boolean } }
  | { readonly action: 'revoke'; readonly name: string };

export type Invocation =
  | { readonly command: 'print'; readonly text: string }
  | { readonly command: 'list'; readonly options: SharedOptions }
  | {
      readonly command: 'call';
      readonly options: SharedOptions;
      readonly tool: string;
      /** JSON, `-` for standard input, or nothing. */
      readonly args: string | undefined;
    }
  | { readonly command: 'serve'; readonly options: ServeOptions }
  | { readonly command: 'connect'; readonly options: ConnectOptions }
  | { readonly command: 'calls'; readonly options: CallsOptions }
  | { readonly command: 'token'; readonly token: TokenAction; readonly options: { readonly verbose: false } };

const mostGraceMs = 600_000;
const defaultGraceMs = 5000;
const mostPort = 65_535;
const defaultCalls = 50;
const mostCalls = 100_000;

/**
 * Reads the command line; touches nothing.
 * @param args without the program's name
 * @throws UsageError
 */
export function readCommandLine(args: readonly string[]): Invocation {
  let invocation: Invocation | undefined;
  let printed = '';
  let complaint = '';
  const program = new Command('mcp-tool-gateway')
    .description("All of your MCP servers' tools behind one command.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => (printed += text),
      writeErr: (text) => (complaint += text),
    });
  // Subcommands take exitOverride and output over from the program only when they are made after it.
  shared(program.command('list'))
    .description('list the tools, resources and prompts of all servers')
    .action((options: SharedOptions) => {
      invocation = { command: 'list', options };
    });
  shared(program.command('call'))
    .description('run one tool and print its result')
    .argument('<name>', 'name of the tool, as `list` shows it')
    .argument('[arguments]', 'its arguments as a JSON object, or - to read them from standard input')
    .action((tool: string, text: string | undefined, options: SharedOptions) => {
      invocation = { command: 'call', options, tool, args: text };
    });
  making(program.command('serve'))
    .description("serve every agent of this machine: MCP's Streamable HTTP on 127.0.0.1, with a token")
    .option('-p, --port <n>', 'port to listen on, 0 for any; otherwise the last one for this config', port)
    .option(
      '--token-file <file>',
      'file that keeps the token from run to run, made when it is missing; otherwise each run has a new one',
    )
    .option(
      '--trust-read-only <ids>',
      'servers whose word you trust on what only reads, for clients with a token for that',
      ids,
    )
    .addHelpText(
      'after',
      '\nThe first line on standard output says in JSON where it is: {"url","token","pid","servers"}. It serves until Ctrl-C.',
    )
    .action((options: ServeOptions) => {
      invocation = { command: 'serve', options };
    });
  verbose(program.command('connect'))
    .description(
      'speak MCP on standard input and output with the gateway that runs, in VS Code or by `serve`',
    )
    .option('-s, --server <id>', 'only this server, under its own names')
    .option('--client <name>', "with the client's own token, as `token create` made it")
    .addHelpText(
      'after',
      '\nFor clients that start a program: no address and no token is needed. Of several gateways it takes the one\nwhose workspace folder holds the current folder, else the newest.',
    )
    .action((options: ConnectOptions) => {
      invocation = { command: 'connect', options };
    });
  verbose(program.command('calls'))
    .description('show who called which tool, when and with what outcome; contents are not recorded')
    .option('-n, --last <count>', 'how many of the last calls to show', count, defaultCalls)
    .option('-f, --follow', 'go on with calls as they end, until Ctrl-C', false)
    .option('--json', 'print one JSON object a line', false)
    .action((options: CallsOptions) => {
      invocation = { command: 'calls', options };
    });
  addTokenCommands(program, (token) => {
    invocation = { command: 'token', token, options: { verbose: false } };
  });
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 the tool reports an error, 2 wrong usage or config, 3 the gateway or a server failed.',
  );
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: 'print', text: printed };
    throw new UsageError(sentence(complaint || printed || error.message));
  }
  if (invocation === undefined)
    throw new UsageError('No command was given. Use "list", "call", "serve", "connect", "token" or "calls".');
  return invocation;
}

function addTokenCommands(program: Command, take: (action: TokenAction) => void): void {
  const token = program
    .command('token')
    .description('tokens of single clients: what each may use, and for how long');
  token
    .command('create')
    .description('make a token for one client, for `connect --client NAME` or for its HTTP requests')
    .requiredOption('-n, --name <name>', 'what the token is called')
    .option('--servers <ids>', 'the only servers that the client sees, separated by commas', ids)
    .option('--read-only', 'only tools that read, of servers whose word on that you trust', false)
    .option('--expires <time>', 'how long it holds: 12h, 30d, 8w', duration)
    .option('--json', 'print one JSON object, with the token in it', false)
    .action((options: TokenCreateOptions) => {
      take({ action: 'create', options });
    });
  token
    .command('list')
    .description('show the tokens and what they are for, without the tokens themselves')
    .option('--json', 'print one JSON array', false)
    .action((options: { json: boolean }) => {
      take({ action: 'list', options });
    });
  token
    .command('revoke')
    .description('end a token, and the sessions that were opened with it')
    .argument('<name>', 'what the token is called')
    .action((name: string) => {
      take({ action: 'revoke', name });
    });
}

function ids(text: string): string[] {
  const all = text.split(',').map((id) => id.trim());
  if (all.some((id) => id === '')) throw new InvalidArgumentError('It must be ids separated by commas.');
  return [...new Set(all)];
}

const HOUR_MS = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };
const MAX_DURATION_MS = 3660 * 24 * HOUR_MS;

function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  if (!(ms > 0 && ms <= MAX_DURATION_MS))
    throw new InvalidArgumentError('It must be a number of hours, days or weeks, such as 12h, 30d or 8w.');
  return ms;
}

const verbose = (command: Command): Command =>
  command.option('-v, --verbose', 'log what the gateway and the servers do, on standard error', false);

/** What every command takes that makes a gateway. */
const making = (command: Command): Command =>
  verbose(
    command
      .requiredOption(
        '-c, --config <file>',
        'config file: "servers" as in VS Code\'s mcp.json, or "mcpServers"',
      )
      .option(
        '--grace <ms>',
        'milliseconds to wait for servers that are still starting',
        milliseconds,
        defaultGraceMs,
      )
      .option('--cache <dir>', "folder for cached catalogs, instead of the user's cache folder"),
  );

const shared = (command: Command): Command =>
  making(command).option('--json', 'print one JSON object', false);

function milliseconds(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= mostGraceMs))
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${mostGraceMs}.`);
  return value;
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= mostPort))
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${mostPort}.`);
  return value;
}

function count(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= mostCalls))
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${mostCalls}.`);
  return value;
}

/** Commander's complaint without its prefix, and with a hint where to look. */
const sentence = (complaint: string): string => {
  const text = complaint.replace(/^error: /, '').trim();
  return text.startsWith('Usage:') ? `No command was given.\n\n${text}` : `${text}\nSee --help.`;
};
