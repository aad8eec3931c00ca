import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { version } from '../../package.json';
import { UsageError } from './failure.js';

/** What every command takes. */
export interface SharedOptions {
  /** Path of the config file. */
  readonly config: string;
  readonly json: boolean;
  /** Milliseconds to wait for servers that are still starting. */
  readonly grace: number;
  /** Folder of the catalog cache, where it is not the user's own. */
  readonly cache: string | undefined;
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
    };

const mostGraceMs = 600_000;
const defaultGraceMs = 5000;

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
  if (invocation === undefined) throw new UsageError('No command was given. Use "list" or "call".');
  return invocation;
}

const shared = (command: Command): Command =>
  command
    .requiredOption(
      '-c, --config <file>',
      'config file: "servers" as in VS Code\'s mcp.json, or "mcpServers"',
    )
    .option('--json', 'print one JSON object', false)
    .option(
      '--grace <ms>',
      'milliseconds to wait for servers that are still starting',
      milliseconds,
      defaultGraceMs,
    )
    .option('--cache <dir>', "folder for cached catalogs, instead of the user's cache folder")
    .option('-v, --verbose', 'log what the gateway and the servers do, on standard error', false);

function milliseconds(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= mostGraceMs))
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${mostGraceMs}.`);
  return value;
}

/** Commander's complaint without its prefix, and with a hint where to look. */
const sentence = (complaint: string): string => {
  const text = complaint.replace(/^error: /, '').trim();
  return text.startsWith('Usage:') ? `No command was given.\n\n${text}` : `${text}\nSee --help.`;
};
