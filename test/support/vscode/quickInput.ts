import type { Locator, Page } from 'playwright-core';

/** The widget at the top of a window: command palette, quick picks and input boxes. */
export class QuickInput {
  private readonly page: Page;
  readonly root: Locator;
  readonly input: Locator;

  constructor(page: Page) {
    this.page = page;
    this.root = page.locator('.quick-input-widget:visible');
    this.input = this.root.locator('.quick-input-box input');
  }

  /** Waits for the widget and returns its title, or '' when it has none. */
  async title(): Promise<string> {
    await this.root.waitFor();
    const title = this.root.locator('.quick-input-title:visible');
    return (await title.count()) === 0 ? '' : title.innerText();
  }

  /** The rows on screen, as a screen reader gets them: label, description and detail separated by commas. */
  async items(): Promise<string[]> {
    await this.row('').first().waitFor();
    const rows = await this.row('').all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('aria-label')) ?? ''));
  }

  async type(text: string): Promise<void> {
    await this.input.fill(text);
  }

  /** Waits for the row whose label holds `text` and picks it. */
  async pick(text: string): Promise<void> {
    await this.row(text).first().click();
  }

  async accept(): Promise<void> {
    await this.page.keyboard.press('Enter');
  }

  async dismiss(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.root.waitFor({ state: 'hidden' });
  }

  /** Runs a command by its full title ("Category: Title") through the command palette. */
  async runCommand(title: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const row = this.root.getByRole('option', { name: new RegExp(`^${escape(title)}(,|$)`) }).first();
    while (!(await this.findCommand(row, title))) {
      if (Date.now() > deadline) throw new Error(`The command palette does not offer “${title}”.`);
    }
    await row.click();
  }

  /**
   * One try: the palette does not notice commands of extensions that arrive while it is open, and it closes when
   * something else takes the focus, such as a view that is just opening.
   */
  private async findCommand(row: Locator, title: string): Promise<boolean> {
    await this.page.keyboard.press('F1');
    try {
      await this.input.fill(`>${title}`, { timeout: 2_000 });
      await row.waitFor({ timeout: 2_000 });
      return true;
    } catch {
      if (await this.root.isVisible()) await this.dismiss();
      return false;
    }
  }

  private row(text: string): Locator {
    return this.root.locator('.quick-input-list .monaco-list-row', { hasText: text });
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
