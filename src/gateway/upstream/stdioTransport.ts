import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { delimiter } from 'node:path';
import spawn from 'cross-spawn';
import { LineFramer } from '../../protocol/lineFramer.js';
import { isMessage, type Message } from '../../protocol/messages.js';
import type { Transport } from '../../protocol/transport.js';
import type { StdioLaunch } from '../model/definition.js';
import type { Logger } from '../ports.js';
import type { Guardian, UpstreamHost } from './guardian.js';
import { ProcessGroup } from './processGroup.js';
import { redactor } from './redact.js';
import { StderrLog } from './stderrLog.js';

/** Bytes of one message; a longer one is dropped, and with it the request that it would have answered. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_GARBAGE_LINES_LOGGED = 20;
const GARBAGE_SHOWN = 200;
/** Milliseconds between the end of a process and that of its output, either way round. */
const EXIT_MS = 200;

/** The program could not be started, or ended. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';

  constructor(
    message: string,
    /** What only a log has room for. */
    readonly detail?: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * VS Code keeps the inherited PATH beside the one that a server's entry sets, Claude Desktop replaces it; entries of both
 * find what they look for when the entry's own comes first.
 */
const joinPaths = (own: string, inherited: string | undefined): string =>
  inherited === undefined || own.includes(inherited) ? own : `${own}${delimiter}${inherited}`;

/** MCP's stdio transport (2025-11-25, "Transports") over a process group of its own. */
export class StdioTransport implements Transport {
  onmessage?: (message: Message) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;

  readonly #launch: StdioLaunch;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #guardian: Guardian;
  readonly #logger: Logger;
  readonly #redact: (text: string) => string;
  readonly #stderr: StderrLog;
  #child: ChildProcess | undefined;
  #group: ProcessGroup | undefined;
  #ended: string | undefined;
  #garbageLines = 0;
  #firstGarbage: string | undefined;
  #closeFired = false;

  /** @param host what the process gets from the host: the environment under `launch.env`, and who ends it after the host */
  constructor(launch: StdioLaunch, host: Pick<UpstreamHost, 'env' | 'guardian'>, logger: Logger) {
    this.#launch = launch;
    this.#env = host.env;
    this.#guardian = host.guardian;
    this.#logger = logger;
    this.#redact = redactor(launch);
    this.#stderr = new StderrLog(logger, this.#redact);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How the process ended; `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The last lines of the server's stderr, oldest first. */
  get stderrTail(): readonly string[] {
    return this.#stderr.tail;
  }

  /** @throws ProcessError when the program cannot be started */
  async start(): Promise<void> {
    const { command, args, cwd } = this.#launch;
    const child = spawn(command, [...args], {
      cwd,
      env: this.#environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // Its own process group, so that whatever it spawns can be ended with it.
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    this.#group = new ProcessGroup(child, this.#guardian);
    this.#listen(child);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    }).catch(async (error: unknown) => {
      throw await this.#startFailure(error);
    });
    this.#logger.info(`Started process ${String(child.pid)}: ${command}`);
  }

  send(message: Message): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable || this.#ended !== undefined)
      return Promise.reject(new ProcessError(this.#ended ?? 'The process does not read its input.'));
    const line = `${JSON.stringify(message)}\n`;
    if (stdin.write(line)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stdin.off('drain', done);
        stdin.off('close', done);
        resolve();
      };
      stdin.on('drain', done);
      stdin.on('close', done);
    });
  }

  async close(): Promise<void> {
    await this.#group?.stop();
    this.#fireClose();
  }

  #listen(child: ChildProcess): void {
    const framer = new LineFramer(
      MAX_MESSAGE_BYTES,
      (line) => {
        this.#receive(line);
      },
      () => this.onerror?.(new Error(`A message of more than ${MAX_MESSAGE_BYTES} bytes was dropped.`)),
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      framer.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
    });
    child.stdin?.on('error', (error) => this.onerror?.(error));
    child.stdout?.on('error', (error) => this.onerror?.(error));
    child.stderr?.on('error', (error) => this.onerror?.(error));
    child.stderr?.once('end', () => {
      this.#stderr.end();
    });
    child.stdout?.once('end', () => {
      // Nothing can be heard from it any more; if it is not about to end by itself, it is ended.
      setTimeout(() => {
        this.#over(child, 'The process closed its output.');
      }, EXIT_MS).unref();
    });
    child.once('exit', (code, signal) => {
      this.#over(
        child,
        `The process ended with ${signal ? `signal ${signal}` : `exit code ${String(code)}`}.`,
      );
    });
    // On Windows a command that does not exist is only found out about after its shell was started.
    child.once('spawn', () => {
      child.on('error', (error) => {
        void this.#startFailure(error).then(({ message }) => {
          this.#over(child, message);
        });
      });
    });
  }

  #over(child: ChildProcess, how: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = how;
    this.#logger.info(how);
    // Whatever it left running belongs to nobody now.
    void this.#group?.stop();
    this.#closeAfterOutput(child);
  }

  /** What the process wrote before it ended still counts; but a grandchild may hold its stdout open for ever. */
  #closeAfterOutput(child: ChildProcess): void {
    const timer = setTimeout(() => {
      this.#fireClose();
    }, EXIT_MS);
    child.once('close', () => {
      clearTimeout(timer);
      this.#fireClose();
    });
  }

  #receive(line: string): void {
    const text = line.trim();
    if (text === '') return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      message = undefined;
    }
    if (isMessage(message)) {
      this.onmessage?.(message);
      return;
    }
    this.#garbageLines++;
    if (this.#garbageLines > MAX_GARBAGE_LINES_LOGGED) return;
    // A line that begins like JSON may be a torn message with somebody's data in it.
    const shown = /^[[{]/.test(text)
      ? `${text.length} characters of broken JSON`
      : this.#redact(text.slice(0, GARBAGE_SHOWN));
    this.#firstGarbage ??= shown;
    this.#logger.warn(`Skipped a line on stdout that is not an MCP message: ${shown}`);
  }

  /** What the first line on stdout that was not a message looked like; for a failure's message. */
  get firstGarbage(): string | undefined {
    return this.#firstGarbage;
  }

  #environment(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...this.#env };
    for (const [name, value] of Object.entries(this.#launch.env)) {
      // Windows' names ignore case; a second spelling would leave the old value in force.
      const present =
        process.platform === 'win32'
          ? Object.keys(env).find((key) => key.toLowerCase() === name.toLowerCase())
          : undefined;
      const inherited = env[present ?? name];
      if (present !== undefined && present !== name) Reflect.deleteProperty(env, present);
      if (value === null) Reflect.deleteProperty(env, name);
      else env[name] = name.toUpperCase() === 'PATH' ? joinPaths(value, inherited) : value;
    }
    return env;
  }

  async #startFailure(error: unknown): Promise<ProcessError> {
    const { command, cwd } = this.#launch;
    const code = (error as NodeJS.ErrnoException).code;
    const folder = await stat(cwd).catch(() => undefined);
    if (!folder?.isDirectory())
      return new ProcessError(`Its folder ${cwd} does not exist. Correct "cwd".`, undefined, error);
    if (code === 'ENOENT')
      return new ProcessError(
        `The command "${command}" was not found. Install it, or give its full path in "command".`,
        `The PATH that was searched: ${this.#environment().PATH ?? ''}`,
        error,
      );
    if (code === 'EACCES')
      return new ProcessError(
        `The command "${command}" may not be run (permission denied). Make it executable.`,
        undefined,
        error,
      );
    return new ProcessError(
      `The command "${command}" could not be started: ${String(code ?? error)}.`,
      undefined,
      error,
    );
  }

  #fireClose(): void {
    if (this.#closeFired) return;
    this.#closeFired = true;
    this.onclose?.();
  }
}
