import { resolve } from 'node:path';
import { version } from '../../package.json';
import type { Gateway } from '../gateway/api.js';
import { createDiskStore } from '../gateway/catalog/diskStore.js';
import { createGateway, newSelf } from '../gateway/createGateway.js';
import { abortable } from '../gateway/util/abort.js';
import { callTool, parseArguments, readInput } from './call.js';
import { Children } from './children.js';
import { readCommandLine, type Invocation, type SharedOptions } from './commandLine.js';
import { loadConfig } from './config.js';
import { resultText } from './content.js';
import { describeFailure, exitCodes } from './failure.js';
import { cacheDirectory, thisMachine } from './folders.js';
import { Interrupted, watchInterrupts } from './interrupt.js';
import { inventoryText, takeInventory } from './list.js';
import { createLog, type CliLog } from './log.js';
import { Output, printable } from './output.js';

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
  return invocation.command === 'list'
    ? list(invocation.options, output, log, signal)
    : call(invocation, output, log, signal);
}

async function list(
  options: SharedOptions,
  output: Output,
  log: CliLog,
  signal: AbortSignal,
): Promise<number> {
  return withGateway(options, log, signal, async (gateway) => {
    const inventory = await takeInventory(gateway, signal);
    for (const { server, reason, message } of inventory.omitted) {
      if (reason !== 'invalid') log.user.warn(`${server} (${reason}): ${message}`);
    }
    const { isTTY, columns } = process.stdout;
    await output.write(
      options.json ? json(inventory) : inventoryText(inventory, isTTY ? columns : undefined),
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
  return withGateway(options, log, signal, async (gateway) => {
    const result = await callTool(gateway, tool, parsed, { signal, log: log.user });
    const text = options.json ? json(result) : resultText(result);
    await output.write(process.stdout.isTTY && !options.json ? printable(text) : text);
    return result.isError === true ? exitCodes.toolError : exitCodes.done;
  });
}

async function withGateway(
  options: SharedOptions,
  log: CliLog,
  signal: AbortSignal,
  work: (gateway: Gateway) => Promise<number>,
): Promise<number> {
  const machine = thisMachine();
  const config = await abortable(loadConfig(options.config, machine, log.user), signal);
  const gateway = createGateway({
    logs: log.gateway,
    store: createDiskStore({
      directory: options.cache === undefined ? cacheDirectory(machine) : resolve(options.cache),
      logger: log.gateway.gateway,
    }),
    env: process.env,
    clientInfo: { name: 'mcp-tool-gateway', title: 'MCP Tool Gateway', version },
    self: newSelf(__dirname),
  });
  try {
    gateway.configure(config, { gracePeriodMs: options.grace, idleStopMs: 0 });
    return await abortable(work(gateway), signal);
  } finally {
    await gateway.dispose();
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
