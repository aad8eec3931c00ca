import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { linkExtension } from './extensions.js';
import { type VscodeServer, startVscodeServer } from './server.js';
import { MARK_VARIABLE } from './suiteConsole.js';

/** Marks the lines of the suite's console among all that a window logs. */
const MARK = '\u2063suite\u2063';

export interface ExtensionTestOptions {
  /**
   * Folders of extensions that are loaded from source: the one under test first, then its helpers. A window takes
   * a single extension in development; the others are linked into the folder of installed ones.
   */
  readonly extensionDevelopmentPaths: readonly string[];
  /** The bundled module that exports `run()`. */
  readonly extensionTestsPath: string;
  /** The folder that is opened; an empty temporary one by default. */
  readonly folder?: string;
  readonly userSettings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Extensions (by id) that may use proposed API; only for test helpers. */
  readonly enableProposedApi?: readonly string[];
  /** Given when extensions have been installed there before the run; temporary ones by default. */
  readonly dataDir?: string;
  readonly extensionsDir?: string;
  readonly timeoutMs?: number;
  /** Gets what the suite writes to its console; standard output by default. */
  readonly print?: (text: string) => void;
}

export interface ExtensionTestResult {
  /** 0 when `run()` resolved. */
  readonly exitCode: number;
  /** All that the suite wrote to its console. */
  readonly output: string;
}

/**
 * Runs a test module inside the extension host of a real VS Code. When it fails, the folder with the logs stays
 * and is named: `window.log` has everything that the window logged, the extension host's console included.
 */
export async function runExtensionTests(options: ExtensionTestOptions): Promise<ExtensionTestResult> {
  const scratch = await mkdtemp(join(tmpdir(), 'vscode-tests-'));
  const dataDir = options.dataDir ?? join(scratch, 'data');
  const folder = options.folder ?? join(scratch, 'workspace');
  await mkdir(folder, { recursive: true });

  let exitCode: number | undefined;
  try {
    const result = await run(
      { ...options, folder, dataDir },
      options.extensionsDir ?? join(scratch, 'extensions'),
    );
    exitCode = result.exitCode;
    return result;
  } finally {
    if (exitCode === 0) await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    else process.stderr.write(`The logs are kept in ${dataDir}\n`);
  }
}

async function run(
  options: ExtensionTestOptions & { folder: string; dataDir: string },
  extensionsDir: string,
): Promise<ExtensionTestResult> {
  const browser = await launchBrowser();
  let server: VscodeServer | undefined;
  try {
    for (const helper of options.extensionDevelopmentPaths.slice(1))
      await linkExtension(helper, extensionsDir);
    server = await startVscodeServer({
      dataDir: options.dataDir,
      extensionsDir,
      userSettings: options.userSettings ?? {},
      env: { ...options.env, [MARK_VARIABLE]: MARK },
    });
    const page = await browser.newPage();
    const { output, exit } = await observe(page, options);
    await page.goto(server.url(options.folder, payload(server, options)));
    const exitCode = await within(options.timeoutMs ?? 300_000, exit);
    return { exitCode, output: output.join('\n') };
  } finally {
    await browser.close();
    await server?.stop();
  }
}

function payload(server: VscodeServer, options: ExtensionTestOptions): [string, string][] {
  return [
    ...options.extensionDevelopmentPaths
      .slice(0, 1)
      .map((path): [string, string] => ['extensionDevelopmentPath', server.remoteUri(path)]),
    ['extensionTestsPath', server.remoteUri(options.extensionTestsPath)],
    ...(options.enableProposedApi ?? []).map((id): [string, string] => ['enableProposedApi', id]),
    ['skipWelcome', 'true'],
  ];
}

/** In a test run VS Code calls two functions of its page; they must be there before the page loads. */
async function observe(
  page: Page,
  {
    dataDir,
    print = (text) => process.stdout.write(`${text}\n`),
  }: { dataDir: string; print?: (text: string) => void },
): Promise<{ output: string[]; exit: Promise<number> }> {
  const output: string[] = [];
  const log = createWriteStream(join(dataDir, 'window.log'));
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    const text = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ');
    log.write(`${type}: ${text.replace(MARK, '')}\n`);
    if (!text.startsWith(MARK)) return;
    output.push(text.slice(MARK.length));
    print(text.slice(MARK.length));
  });

  const exit = new Promise<number>((resolve, reject) => {
    void page.exposeFunction('codeAutomationExit', resolve).catch(reject);
    page.once('crash', () => {
      reject(new Error('The window crashed.'));
    });
    page.once('close', () => {
      log.end();
      reject(new Error('The window was closed before the tests ended.'));
    });
  });
  return { output, exit };
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The tests did not end within ${timeoutMs} ms.`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
