import type { Worker } from 'node:worker_threads';
import type { CheckAnswer, CheckMessage } from './answerChecks.js';

/** Mebibytes; more than any check of a schema within the bounds needs. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };
/** Schemas that a worker keeps compiled; then it begins again. */
const MAX_SCHEMAS = 256;
/** A thread that does not start, as on a machine that has no memory left, or does not come to run what it was sent. */
const START_MS = 5000;

/** Ended, of itself or by us, before it answered. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';

  constructor(readonly reason: 'start' | 'deadline' | 'memory' | 'crash') {
    super(reason);
  }
}

/** One thread for checks, one at a time. Once a check has failed it is of no more use. */
export class CheckWorker {
  readonly #worker: Worker;
  readonly #sent = new Set<string>();
  readonly #started: Promise<void>;
  #onBegun: (() => void) | undefined;
  #onAnswer: ((answer: CheckAnswer) => void) | undefined;
  #failed: CheckFailedError | undefined;
  #onFailure: ((error: CheckFailedError) => void) | undefined;
  readonly #exited: Promise<void>;

  /** @param program absolute path of the program that answers checks */
  constructor(program: string) {
    // Nothing of this process's own: neither its variables nor what its Node was told.
    // Loaded only now: most gateways never check anything, and threads bring 20 modules of Node's with them.
    const threads = process.getBuiltinModule('node:worker_threads');
    this.#worker = new threads.Worker(program, {
      env: {},
      execArgv: [],
      resourceLimits: LIMITS,
      name: 'checker',
    });
    this.#worker.unref();
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail('crash');
        resolve();
      });
    });
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash');
    });
    this.#worker.on('message', (answer: CheckAnswer) => {
      if ('begun' in answer) this.#onBegun?.();
      else this.#onAnswer?.(answer);
    });
    this.#started = this.#answer().then(() => undefined);
    this.#started.catch(() => undefined);
  }

  /**
   * @param schema as JSON, under its own `key` @param args as JSON
   * @param deadlineMs milliseconds for the check, from when the thread has begun it: a busy machine is no fault of a schema
   * @throws CheckFailedError
   */
  async check(key: string, schema: string, args: string, deadlineMs: number): Promise<readonly string[]> {
    await this.#started.catch(() => {
      throw new CheckFailedError('start');
    });
    const forget = this.#sent.size >= MAX_SCHEMAS;
    if (forget) this.#sent.clear();
    const known = this.#sent.has(key);
    this.#sent.add(key);
    const answer = this.#answer(deadlineMs);
    const message: CheckMessage = { key, schema: known ? undefined : schema, args, forget };
    this.#worker.postMessage(message);
    const said = await answer;
    return 'reasons' in said ? said.reasons : [];
  }

  /** Ends the thread, whatever it does; resolves when it has ended. */
  async end(): Promise<void> {
    void this.#worker.terminate();
    await this.#exited;
  }

  /** @param deadlineMs of a check once it has begun; until then, and without it, the thread has `START_MS` */
  #answer(deadlineMs?: number): Promise<CheckAnswer> {
    return new Promise<CheckAnswer>((resolve, reject) => {
      if (this.#failed) {
        reject(this.#failed);
        return;
      }
      let waits = true;
      const failIn = (ms: number, reason: CheckFailedError['reason']): NodeJS.Timeout => {
        const own = setTimeout(() => {
          // Where it was this thread that had no time, the answer may be there already.
          setImmediate(() => {
            if (waits && timer === own) this.#fail(reason);
          });
        }, ms);
        return own;
      };
      let timer = failIn(START_MS, 'start');
      const settle = (): void => {
        waits = false;
        clearTimeout(timer);
        this.#onBegun = this.#onAnswer = this.#onFailure = undefined;
      };
      this.#onBegun = () => {
        clearTimeout(timer);
        if (deadlineMs !== undefined) timer = failIn(deadlineMs, 'deadline');
      };
      this.#onAnswer = (answer) => {
        settle();
        resolve(answer);
      };
      this.#onFailure = (error) => {
        settle();
        reject(error);
      };
    });
  }

  #fail(reason: CheckFailedError['reason']): void {
    this.#failed ??= new CheckFailedError(reason);
    this.#onFailure?.(this.#failed);
  }
}
