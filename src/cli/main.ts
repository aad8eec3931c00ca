import { abortable } from '../base/async/abort.js';
import { callTool, parseArguments, readInput } from './commands/call.js';
import { calls } from './commands/calls.js';
import { Children } from './children.js';
import { readCommandLine, type Invocation, type SharedOptions } from './commandLine.js';
import { resultText } from './content.js';
import { describeFailure, exitCodes } from './failure.js';
import { Interrupted, watchInterrupts } from './interrupt.js';
import { inventoryText, takeInventory } from './commands/list.js';
import { createLog, type CliLog } from './log.js';
import { Output, shown } from './output.js';
import { serve } from './commands/serve.js';
import { token } from './commands/token.js';
import { withGateway } from './withGateway.js';

/** Runs the command line and ends the process. @param args without node and script */
export async function main(args: readonly string[]): Promise<never> {
  const children = new Children();
  // Whatever way this process ends, but for SIGKILL.
  process.on('exit', () => {
    children.kill();
  });
  const signal = watchInterrupts(() => {
    children.kill();
  });
  const output = new Output(process.stdout);
  const stopped = (error: unknown): number => {
    if (error instanceof Interrupted) return error.exitCode;
    const { exitCode, message } = describeFailure(error);
    createLog(false, process.stderr).user.error(message);
    return exitCode;
  };
  process.on('uncaughtException', (error) => {
    process.exit(stopped(error));
  });
  const exitCode = await run(args, output, signal).catch((error: unknown) =>
    stopped(signal.aborted ? signal.reason : error),
  );
  children.forget();
  process.exit(exitCode);
}

async function run(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const invocation = readCommandLine(args);
  if (invocation.command === 'print') {
    await output.write(invocation.text);
    return exitCodes.done;
  }
  const log = createLog(invocation.options.verbose, process.stderr);
  switch (invocation.command) {
    case 'list':
      return list(invocation.options, output, log, signal);
    case 'call':
      return call(invocation, output, log, signal);
    case 'serve':
      return serve(invocation.options, output, log, signal);
    case 'connect': {
      // What it needs of TLS and HTTP no other command does.
      const { connect } = await import('./commands/connect.js');
      return connect(invocation.options, output, log, signal);
    }
    case 'token':
      return token(invocation.token, output);
    case 'calls':
      return calls(invocation.options, output, signal);
  }
}

async function list(
  options: SharedOptions,
  output: Output,
  log: CliLog,
  signal: AbortSignal,
): Promise<number> {
  return withGateway(options, { log, signal }, async (gateway) => {
    const inventory = await abortable(takeInventory(gateway, signal), signal);
    for (const { server, reason, message } of inventory.omitted) {
      if (reason !== 'invalid') log.user.warn(`${server} (${reason}): ${message}`);
    }
    const { isTTY, columns } = process.stdout;
    await output.write(
      options.json ? shown(json(inventory)) : inventoryText(inventory, isTTY ? columns : undefined),
    );
    return exitCodes.done;
  });
}

async function call(
  { options, tool, args = '{}' }: Extract<Invocation, { command: 'call' }>,
  output: Output,
  log: CliLog,
  signal: AbortSignal,
): Promise<number> {
  const parsed = parseArguments(args === '-' ? await abortable(readInput(process.stdin), signal) : args);
  return withGateway(options, { log, signal }, async (gateway) => {
    const result = await abortable(callTool(gateway, tool, parsed, { signal, log: log.user }), signal);
    const text = options.json ? json(result) : resultText(result);
    await output.write(shown(text));
    return result.isError === true ? exitCodes.toolError : exitCodes.done;
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
