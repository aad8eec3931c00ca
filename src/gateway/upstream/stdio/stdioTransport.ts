import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import spawn from 'cross-spawn';
import { BacklogError, NotDeliveredError } from '../../../protocol/errors.js';
import { isLarge } from '../../../protocol/large/largeResult.js';
import { MessageReader } from '../../../protocol/messageReader.js';
import {
  INVALID_REQUEST,
  MAX_MESSAGE_BYTES,
  type Message,
  type RequestId,
} from '../../../protocol/messages.js';
import type { SendOptions, Transport } from '../../../protocol/transport.js';
import type { StdioLaunch } from '../../model/definition.js';
import type { Logger } from '../../ports.js';
import { ReadThrottle } from './readThrottle.js';
import { atMost } from '../../../base/async/abort.js';
import { deferred } from '../../../base/async/deferred.js';
import { GarbageLog } from './garbageLog.js';
import { findProgram } from './findProgram.js';
import type { UpstreamHost } from '../host.js';
import { launchEnvironment } from './launchEnvironment.js';
import { ProcessError, spawnFailure } from './processError.js';
import { ProcessGroup } from './processGroup.js';
import { redactor } from './redact.js';
import { StderrLog } from './stderrLog.js';

/** Milliseconds between the end of a process and that of its output, either way round. */
const EXIT_MS = 200;
/** Bytes that may wait for a process that does not read; one message more, however large, is taken. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
/** An answer costs less than what nobody asked for: there are as many of them as there are requests. */
const ANSWER_COST = 0.1;

type StdioHost = Pick<UpstreamHost, 'env' | 'guardian' | 'turns' | 'messages'>;

/** MCP's stdio transport (2025-11-25, "Transports") over a process group of its own. */
export class StdioTransport implements Transport {
  onmessage?: (message: Message) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onrequestlost?: (id: RequestId, error?: Error) => void;
  isAwaited?: (id: RequestId | undefined) => boolean;

  readonly #launch: StdioLaunch;
  readonly #env: NodeJS.ProcessEnv;
  readonly #host: StdioHost;
  readonly #logger: Logger;
  readonly #garbage: GarbageLog;
  readonly #stderr: StderrLog;
  #child: ChildProcess | undefined;
  #group: ProcessGroup | undefined;
  #ended: string | undefined;
  /** Resolves when it has. */
  readonly #over = deferred();
  /** While its input takes no more: when that ends; one for all who wait. */
  #drained: Promise<void> | undefined;
  #reader: MessageReader | undefined;
  #gathering = false;
  #closed = false;
  #closeFired = false;

  /** @param host what the process gets from the host: the environment under `launch.env`, its turn to start, and who ends it */
  constructor(launch: StdioLaunch, host: StdioHost, logger: Logger) {
    this.#launch = launch;
    this.#env = launchEnvironment(launch, host.env);
    this.#host = host;
    this.#logger = logger;
    const redact = redactor(launch);
    this.#garbage = new GarbageLog(logger, redact);
    this.#stderr = new StderrLog(logger, redact);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How the process ended; `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** What the first line on stdout that was no message looked like; for a failure's message. */
  get firstGarbage(): string | undefined {
    return this.#garbage.first;
  }

  /** The last lines of the server's stderr, oldest first. */
  get stderrTail(): readonly string[] {
    return this.#stderr.tail;
  }

  /** @throws ProcessError when the program cannot be started */
  async start(): Promise<void> {
    const { command, args, cwd } = this.#launch;
    const { guardian, turns } = this.#host;
    const program = await findProgram(this.#launch, this.#env);
    await turns.take();
    // It is a process as well, and has a turn of its own.
    if (!this.#closed && guardian.begin()) await turns.take();
    if (this.#closed) throw new ProcessError('It was stopped before it was started.');
    const child = spawn(program, [...args], {
      cwd,
      env: this.#env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // Its own process group, so that whatever it spawns can be ended with it.
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    this.#group = new ProcessGroup(child, guardian);
    this.#listen(child);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    }).catch(async (error: unknown) => {
      throw await spawnFailure(this.#launch, this.#env, error);
    });
    this.#logger.info(`Started process ${String(child.pid)}: ${command}`);
  }

  /** @throws NotDeliveredError, BacklogError: nothing of the message was written */
  async send(message: Message, { isOneOfMany = false }: SendOptions = {}): Promise<void> {
    // Whatever comes of the answer to it is not waited for any more.
    if ('method' in message && message.method === 'notifications/cancelled') this.#reader?.review();
    const stdin = this.#child?.stdin;
    // Most often it has just ended, and how it did says more.
    if (this.#child && !stdin?.writable && this.#ended === undefined)
      await atMost(this.#over.promise, EXIT_MS);
    if (!stdin?.writable || this.#ended !== undefined)
      throw new NotDeliveredError(this.#ended ?? 'The process does not read its input.');
    if (stdin.writableLength > MAX_BACKLOG_BYTES)
      throw new BacklogError(`More than ${MAX_BACKLOG_BYTES} bytes wait to be read by the process.`);
    const wantsMore = stdin.write(`${JSON.stringify(message)}\n`);
    if (isOneOfMany) this.#gather(stdin);
    if (wantsMore) return;
    this.#drained ??= drained(stdin).then(() => {
      this.#drained = undefined;
    });
    await this.#drained;
  }

  /**
   * What else is sent in this turn is written at its end, all at once: each write costs about as much as the rest of a call.
   * The first one is not kept waiting, so that the program works while the others are made.
   */
  #gather(stdin: Writable): void {
    if (this.#gathering) return;
    this.#gathering = true;
    stdin.cork();
    setImmediate(() => {
      this.#gathering = false;
      stdin.uncork();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#group?.stop();
    this.#fireClose();
  }

  #listen(child: ChildProcess): void {
    if (child.stdout) this.#readMessages(child.stdout);
    if (child.stderr) this.#readStderr(child.stderr);
    // Without either it is of no use any more; if it is not about to end by itself, it is ended.
    const deaf = (how: string): void => {
      setTimeout(() => {
        if (!this.#closed) this.#finish(child, how);
      }, EXIT_MS).unref();
    };
    child.stdin?.on('error', (error) => {
      this.onerror?.(error);
      deaf('The process closed its input.');
    });
    child.stdout?.on('error', (error) => this.onerror?.(error));
    child.stderr?.on('error', (error) => this.onerror?.(error));
    child.stdout?.once('end', () => {
      deaf('The process closed its output.');
    });
    child.once('exit', (code, signal) => {
      this.#finish(
        child,
        `The process ended with ${signal ? `signal ${signal}` : `exit code ${String(code)}`}.`,
      );
    });
    // On Windows a command that does not exist is only found out about after its shell was started.
    child.once('spawn', () => {
      child.on('error', (error) => {
        void spawnFailure(this.#launch, this.#env, error).then(({ message }) => {
          this.#finish(child, message);
        });
      });
    });
  }

  #readMessages(stdout: Readable): void {
    const flow = new ReadThrottle(stdout);
    const reader = new MessageReader(
      MAX_MESSAGE_BYTES,
      {
        onMessage: (message) => {
          flow.spend('method' in message ? 1 : ANSWER_COST);
          if ('result' in message && isLarge(message.result) && this.isAwaited?.(message.id)) flow.refill();
          this.onmessage?.(message);
        },
        onGarbage: (start, length) => {
          flow.spend(1);
          this.#garbage.add(start, length);
        },
        onDropped: (error, answers, asks) => {
          this.onerror?.(error);
          if (answers !== undefined) this.onrequestlost?.(answers, error);
          if (asks !== undefined) this.#refuse(asks);
        },
        isAwaited: (id) => this.isAwaited?.(id) ?? true,
      },
      this.#host.messages,
    );
    this.#reader = reader;
    stdout.on('data', (chunk: Buffer) => {
      flow.read(chunk.length, () => {
        reader.push(chunk);
      });
    });
  }

  /** Whoever asks waits for an answer. */
  #refuse(id: RequestId): void {
    const error = { code: INVALID_REQUEST, message: 'The request is too large.' };
    this.send({ jsonrpc: '2.0', id, error }).catch(() => undefined);
  }

  #readStderr(stderr: Readable): void {
    const flow = new ReadThrottle(stderr, 0);
    stderr.on('data', (chunk: Buffer) => {
      flow.spend(this.#stderr.push(chunk), chunk.length);
    });
    stderr.once('end', () => {
      this.#stderr.end();
    });
  }

  #finish(child: ChildProcess, how: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = how;
    this.#over.resolve();
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

  #fireClose(): void {
    if (this.#closeFired) return;
    this.#closeFired = true;
    this.#reader?.end();
    this.onclose?.();
  }
}

/** Resolves when a stream takes more, or never will. */
const drained = (stream: Writable): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
