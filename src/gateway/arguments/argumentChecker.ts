import { createHash } from 'node:crypto';
import type { JsonSchema } from '../model/catalog.js';
import type { ServerId } from '../model/definition.js';
import type { Logs } from '../ports.js';
import { CheckFailedError, CheckWorker } from './checkWorker.js';

/** Characters as JSON: what is larger is not worth what a check of it costs. */
const MAX_SCHEMA = 256 * 1024;
const MAX_ARGUMENTS = 4 * 1024 * 1024;
/** Checks of one server that wait; what comes then is not checked. */
const MAX_WAITING = 32;
/** A check waits this many times its deadline at most, so that it can outlast those of a hostile server. */
const WAIT_DEADLINES = 10;
/** Schemas that took too long and are not tried again; of more the oldest are forgotten. */
const MAX_BAD_SCHEMAS = 1000;
/** After so many a server has had its chances. */
const MAX_STRIKES = 3;
/** One line per tool in this time. */
const LOG_EVERY_MS = 60_000;
const MAX_LOGGED = 1000;
/** In a row: then this machine has no thread for it. */
const MAX_FAILED_STARTS = 3;
/** Characters of a tool's name in the log. */
const MAX_NAME = 128;

/** Arguments, and what they are checked against. */
export interface CheckRequest {
  readonly server: ServerId;
  /** As the server calls it. */
  readonly tool: string;
  readonly schema: JsonSchema;
  readonly args: unknown;
}

/** A check that waits for its turn, or has it. */
interface Job {
  readonly request: CheckRequest;
  readonly key: string;
  readonly schema: string;
  readonly args: string;
  /** Ends the wait for its turn. */
  readonly begin: () => void;
  /** @param reasons `undefined`: it was not checked */
  readonly settle: (reasons: readonly string[] | undefined) => void;
}

/**
 * Checks arguments against tools' schemas, which servers write: in a thread of its own, which is started for the first
 * check, one after another, the servers in turn, each check for a short time. What takes longer is skipped and left to the
 * server to judge, with a line in its log, and its schema is not tried again; nor is a server that did so several times.
 */
export class ArgumentChecker {
  /** By server, in the order in which they are served. */
  readonly #waiting = new Map<ServerId, Job[]>();
  readonly #bad = new Set<string>();
  readonly #strikes = new Map<ServerId, number>();
  readonly #logged = new Map<string, number>();
  readonly #keys = new WeakMap<JsonSchema, string>();
  #worker: CheckWorker | undefined;
  #failedStarts = 0;
  #working = false;
  #disposed = false;

  /**
   * @param program absolute path of the program that answers checks
   * @param deadlineMs milliseconds for one check
   */
  constructor(
    private readonly program: string,
    private readonly deadlineMs: number,
    private readonly logs: Logs,
  ) {}

  /**
   * What is wrong with arguments, at most five sentences without any of their values; empty when they fit, and when that
   * could not be found out in time.
   * @throws the signal's reason
   */
  async check(request: CheckRequest, signal?: AbortSignal): Promise<readonly string[]> {
    signal?.throwIfAborted();
    const { server } = request;
    if (this.#isOut(server)) return [];
    const texts = textsOf(request);
    if (!texts) {
      this.#skipped(request, 'its schema or the arguments are too large for that');
      return [];
    }
    const key = this.#keyOf(request.schema, texts.schema);
    if (this.#bad.has(key)) return [];
    const jobs = this.#waiting.get(server) ?? [];
    if (jobs.length >= MAX_WAITING) {
      this.#skipped(request, 'too many other checks of its server wait');
      return [];
    }
    this.#waiting.set(server, jobs);
    const reasons = await this.#queued(request, { ...texts, key }, jobs, signal);
    return reasons ?? [];
  }

  /** Ends the thread; what waits is not checked. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const job of [...this.#waiting.values()].flat()) job.settle(undefined);
    await this.#worker?.end();
  }

  #queued(
    request: CheckRequest,
    texts: Pick<Job, 'key' | 'schema' | 'args'>,
    jobs: Job[],
    signal: AbortSignal | undefined,
  ): Promise<readonly string[] | undefined> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        this.#skipped(request, 'other checks took too long');
        job.settle(undefined);
      }, WAIT_DEADLINES * this.deadlineMs);
      const begin = (): void => {
        clearTimeout(timer);
        const at = jobs.indexOf(job);
        if (at !== -1) jobs.splice(at, 1);
      };
      const leave = (): void => {
        begin();
        signal?.removeEventListener('abort', onAbort);
      };
      const settle: Job['settle'] = (reasons) => {
        leave();
        resolve(reasons);
      };
      const job: Job = { request, ...texts, begin, settle };
      signal?.addEventListener('abort', onAbort);
      jobs.push(job);
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let job = this.#next(); job; job = this.#next()) await this.#run(job);
    this.#working = false;
  }

  #next(): Job | undefined {
    for (const [server, jobs] of this.#waiting) {
      // To the end: it is the others' turn.
      this.#waiting.delete(server);
      const [job] = jobs;
      if (!job) continue;
      this.#waiting.set(server, jobs);
      job.begin();
      if (!this.#bad.has(job.key) && !this.#isOut(server)) return job;
      job.settle(undefined);
    }
    return undefined;
  }

  async #run(job: Job): Promise<void> {
    const worker = (this.#worker ??= new CheckWorker(this.program));
    try {
      const reasons = await worker.check(job.key, job.schema, job.args, this.deadlineMs);
      this.#failedStarts = 0;
      job.settle(reasons);
    } catch (error) {
      job.settle(undefined);
      this.#blame(job, error);
      // One thread at a time, however long it takes to end.
      await worker.end();
      this.#worker = undefined;
    }
  }

  #blame({ request, key }: Job, error: unknown): void {
    if (this.#disposed) return;
    const reason = error instanceof CheckFailedError ? error.reason : 'start';
    if (reason === 'start') {
      this.#failedStarts++;
      this.#skipped(request, 'the thread for it did not start');
      return;
    }
    this.#bad.add(key);
    const [oldest] = this.#bad;
    if (this.#bad.size > MAX_BAD_SCHEMAS && oldest !== undefined) this.#bad.delete(oldest);
    this.#strikes.set(request.server, (this.#strikes.get(request.server) ?? 0) + 1);
    const why = {
      deadline: `it takes longer than ${this.deadlineMs} ms`,
      memory: 'it takes too much memory',
      crash: 'it failed',
    };
    this.#skipped(request, `${why[reason]}. This schema is not used for that again`);
  }

  /** Nothing of it is checked any more. */
  #isOut(server: ServerId): boolean {
    return (
      this.#disposed ||
      this.#failedStarts >= MAX_FAILED_STARTS ||
      (this.#strikes.get(server) ?? 0) >= MAX_STRIKES
    );
  }

  #skipped({ server, tool }: CheckRequest, why: string): void {
    const now = performance.now();
    const key = JSON.stringify([server, tool]);
    if (now - (this.#logged.get(key) ?? -Infinity) < LOG_EVERY_MS) return;
    this.#logged.delete(key);
    this.#logged.set(key, now);
    const [oldest] = this.#logged.keys();
    if (this.#logged.size > MAX_LOGGED && oldest !== undefined) this.#logged.delete(oldest);
    this.logs
      .server(server)
      .warn(
        `The arguments for the tool ${tool.slice(0, MAX_NAME)} were not checked, because ${why}. The server judges them.`,
      );
  }

  #keyOf(schema: JsonSchema, json: string): string {
    const known = this.#keys.get(schema);
    if (known !== undefined) return known;
    const key = createHash('sha256').update(json).digest('base64url');
    this.#keys.set(schema, key);
    return key;
  }
}

/** Both as JSON; `undefined` for what is too large or too deep. */
function textsOf({ schema, args }: CheckRequest): { schema: string; args: string } | undefined {
  try {
    const texts = { schema: JSON.stringify(schema), args: JSON.stringify(args ?? {}) };
    return texts.schema.length <= MAX_SCHEMA && texts.args.length <= MAX_ARGUMENTS ? texts : undefined;
  } catch {
    return undefined;
  }
}
