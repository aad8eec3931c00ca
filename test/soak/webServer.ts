import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const program = resolve('test/fixtures/servers/scripted-http-server.mjs');
/** Below the ports that systems give to whoever asks for any, so that it is still free after an outage. */
const PORTS = [20_000, 32_000] as const;
const TRIES = 5;

/** An MCP server over HTTP that the run itself starts and kills, always at the same address. */
export class WebServer {
  readonly id: string;
  readonly #script: Readonly<Record<string, unknown>>;
  #port = 0;
  #child: ChildProcess | undefined;
  #down = true;

  constructor(id: string, script: Readonly<Record<string, unknown>>) {
    this.id = id;
    this.#script = script;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/mcp`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws when none of several ports is free */
  async start(): Promise<void> {
    for (let tries = 1; this.#down; tries++) {
      this.#port = randomInt(...PORTS);
      await this.#listen().catch((error: unknown) => {
        if (tries === TRIES) throw error;
      });
    }
  }

  /** Ends it in the middle of whatever it does, and starts it again. @returns whether it was up */
  async outage(ms: number): Promise<boolean> {
    if (this.#down) return false;
    await this.kill();
    await delay(ms);
    await this.#listen();
    return true;
  }

  async kill(): Promise<void> {
    this.#down = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async #listen(): Promise<void> {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, SCRIPT: JSON.stringify({ ...this.#script, port: this.#port }) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => {
        throw new Error(`${this.id} could not listen at ${this.url}`);
      }),
    ]);
    this.#down = false;
  }
}
