import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { ChatView } from './chatView.js';
import { repoRoot } from './paths.js';
import { QuickInput } from './quickInput.js';
import { type VscodeServer, writeUserSettings } from './server.js';

/** Long enough for a machine that is several times as slow as it mostly is; what comes ends the wait. */
const TIMEOUT_MS = 90_000;
const RESTRICTED = 'Restricted Mode';

export interface WindowOptions {
  /** The folder that the window opens. */
  readonly folder: string;
  readonly payload?: readonly (readonly [string, string])[];
  readonly colorTheme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
}

/** Opens a window like a user does, in a profile of its own, and waits until its workbench is there. */
export async function openWindow(
  browser: Browser,
  server: VscodeServer,
  options: WindowOptions,
): Promise<VscodeWindow> {
  const { folder, payload, colorTheme, size = { width: 1400, height: 900 } } = options;
  if (colorTheme !== undefined) {
    const theme = colorTheme === 'dark' ? 'Dark 2026' : 'Light 2026';
    await writeUserSettings(server.dataDir, { 'workbench.colorTheme': theme });
  }
  const context = await browser.newContext({ viewport: size, colorScheme: colorTheme ?? 'light' });
  const page = await context.newPage();
  const window = new VscodeWindow(page);
  await page.goto(server.url(folder, payload));
  await window.ready();
  return window;
}

/** A VS Code window, driven through what a user sees. Everything waits for its condition. */
export class VscodeWindow {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly chat: ChatView;
  /** What the window has written to its console, the extension host's lines marked `[Extension Host]`. */
  readonly consoleLines: string[] = [];

  constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.chat = new ChatView(page, TIMEOUT_MS);
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on('console', (message) => {
      this.consoleLines.push(
        message.text().replace(/^%c(\[Extension Host\]) %c(.*?) ?color: blue color: /s, '$1 $2'),
      );
    });
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 2 * TIMEOUT_MS });
  }

  /** Loads the window again, as its user would; what it has stored stays. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command by its full title, e.g. `Developer: Reload Window`. Waits until an extension offers it. */
  async runCommand(title: string, timeoutMs = TIMEOUT_MS): Promise<void> {
    await this.quickInput.runCommand(title, timeoutMs);
  }

  /** Opens the chat view with the scripted model picked, and types `query` without sending it. */
  async openChat(query?: string): Promise<void> {
    await this.runCommand('Scripted: Open Chat with the Scripted Model');
    await this.page.locator('.chat-mode-picker-item', { hasText: 'Ask' }).waitFor();
    // In a restricted window the model answers all the same, but its name is not shown.
    if ((await this.statusBarItem(RESTRICTED).count()) === 0) {
      await this.page.locator('.model-picker-item', { hasText: 'Scripted demo model' }).waitFor();
    }
    if (query !== undefined) await this.chat.type(query);
  }

  async sendChat(text: string): Promise<void> {
    await this.chat.send(text);
  }

  async chatText(): Promise<string> {
    return this.chat.text();
  }

  async waitForChatText(pattern: RegExp, timeoutMs?: number): Promise<string> {
    return this.chat.waitForText(pattern, timeoutMs);
  }

  /** Trusts the opened folder, in a window whose settings leave workspace trust on. */
  async trustFolder(): Promise<void> {
    await this.runCommand('Workspaces: Manage Workspace Trust');
    await this.page.locator('.workspace-trust-editor .monaco-button:visible', { hasText: /^Trust$/ }).click();
    await this.statusBarItem(RESTRICTED).waitFor({ state: 'hidden' });
    await this.page.keyboard.press('Escape');
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item:visible', { hasText: text });
  }

  /** A notification toast. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** A modal dialog. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box', { hasText: text });
  }

  /** Saves what the window shows; relative names go to `out/screenshots`, which git ignores. */
  async screenshot(file: string): Promise<string> {
    const path = resolve(repoRoot, 'out', 'screenshots', file);
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
    return path;
  }

  async dispose(): Promise<void> {
    await this.page.context().close();
  }
}
