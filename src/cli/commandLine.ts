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
  /** File of the token; a new one for each run where it is missing. */
  readonly tokenFile: string | undefined;
}

export interface ConnectOptions {
  /** Id of the one server that is wanted. */
  readonly server: string | undefined;
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
  | { readonly command: 'calls'; readonly options: CallsOptions };

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
    throw new UsageError('No command was given. Use "list", "call", "serve", "connect" or "calls".');
  return invocation;
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
