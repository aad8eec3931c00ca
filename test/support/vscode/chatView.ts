import type { Locator, Page } from 'playwright-core';
import { until } from './until.js';

const ROWS = '.interactive-session .interactive-list .monaco-list-rows > .monaco-list-row';

/** The chat view of a window. The list keeps only those rows in the page that are (nearly) on screen. */
export class ChatView {
  private readonly page: Page;
  private readonly timeoutMs: number;
  private readonly lastRow: Locator;

  constructor(page: Page, timeoutMs: number) {
    this.page = page;
    this.timeoutMs = timeoutMs;
    this.lastRow = page.locator(`${ROWS}[data-last-element="true"]`);
  }

  /** Replaces what is in the input. Line breaks do not send. */
  async type(text: string): Promise<void> {
    const editor = this.page.locator('.interactive-input-part .monaco-editor').first();
    await editor.click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(text);
    const start = text.split('\n')[0]?.slice(0, 20) ?? '';
    const shown = async (): Promise<string> =>
      spaces((await editor.locator('.view-lines').textContent()) ?? '');
    await until(
      async () => ((await shown()).includes(start) ? true : undefined),
      this.timeoutMs,
      async () => `the chat input holds “${await shown()}”`,
    );
  }

  /** Sends `text` and waits until its answer has a place in the conversation. */
  async send(text: string): Promise<void> {
    const before = await this.lastRowIndex();
    await this.type(text);
    await this.page.locator('.chat-submit-button .action-label:not(.disabled)').click();
    // Away from the button, whose hover would cover part of the view.
    await this.page.mouse.move(0, 0);
    await until(
      async () => ((await this.lastRowIndex()) > before ? true : undefined),
      this.timeoutMs,
      async () => `the request does not show; the chat shows:\n${await this.text()}`,
    );
  }

  /** Waits until the last answer is complete and returns its text. */
  async answer(timeoutMs = this.timeoutMs): Promise<string> {
    const complete = this.lastRow.locator('.interactive-response:not(.chat-response-loading) > .value');
    // Attached, not visible: a cancelled answer may have nothing to show.
    await complete.waitFor({ state: 'attached', timeout: timeoutMs });
    return spaces(await complete.innerText());
  }

  /** The conversation as far as it is on screen. */
  async text(): Promise<string> {
    return spaces((await this.page.locator(ROWS).allInnerTexts()).join('\n'));
  }

  async waitForText(pattern: RegExp, timeoutMs = this.timeoutMs): Promise<string> {
    return until(
      async () => {
        const text = await this.text();
        return pattern.test(text) ? text : undefined;
      },
      timeoutMs,
      async () => `the chat does not show ${String(pattern)}, it shows:\n${await this.text()}`,
    );
  }

  /** A button in the last answer, by its title. */
  button(title: string): Locator {
    return this.lastRow.locator('.chat-command-button .monaco-button', { hasText: title });
  }

  /** Ends the running answer as its user would. */
  async cancel(): Promise<void> {
    await this.page.locator('.chat-execute-toolbar .action-label[aria-label^="Cancel"]').click();
  }

  private async lastRowIndex(): Promise<number> {
    if ((await this.lastRow.count()) === 0) return -1;
    return Number(await this.lastRow.first().getAttribute('data-index'));
  }
}

/** The editor and its code blocks show blanks as non-breaking ones. */
function spaces(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
