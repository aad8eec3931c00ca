import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../support/vscode/browser.js';
import { linkExtension } from '../../support/vscode/extensions.js';
import { repoRoot, scriptedModelExtension } from '../../support/vscode/paths.js';
import { type VscodeServer, startVscodeServer } from '../../support/vscode/server.js';
import { type VscodeWindow, openWindow } from '../../support/vscode/window.js';

describe('An answer of @mcp', () => {
  let scratch: string;
  let browser: Browser | undefined;
  let server: VscodeServer | undefined;
  let window: VscodeWindow;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vscode-answers-'));
    const folder = join(scratch, 'workspace');
    await mkdir(folder);
    const extensionsDir = join(scratch, 'extensions');
    await linkExtension(scriptedModelExtension, extensionsDir);
    await linkExtension(repoRoot, extensionsDir);
    browser = await launchBrowser();
    server = await startVscodeServer({
      dataDir: join(scratch, 'data'),
      extensionsDir,
      userSettings: {
        'mcpGateway.gracePeriodMs': 2000,
        // Asking has tests of its own.
        'mcpGateway.trustReadOnly': ['everything'],
        'mcpGateway.servers': {
          everything: {
            title: 'Everything',
            command: process.execPath,
            args: [join(repoRoot, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')],
          },
          dead: {
            command: process.execPath,
            args: [join(repoRoot, 'test/fixtures/servers/scripted-server.mjs')],
            env: { SCRIPT: JSON.stringify({ silent: true }) },
          },
        },
      },
    });
    window = await openWindow(browser, server, {
      folder,
      colorTheme: 'light',
      size: { width: 1700, height: 1000 },
    });
    await window.statusBarItem(/\b1[0-9] MCP/).waitFor();
    await window.openChat();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.screenshot('answers-failed.png');
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  it("shows the model's words and, in one line, the server that is missing", async () => {
    await window.sendChat('@mcp call everything__echo {"message":"from the chat view"}');
    const answer = await window.chat.answer();
    assert.match(answer, /The tool answered: Echo: from the chat view/);
    assert.match(answer, /1 server is not in this answer: dead \(starting\) — Show log · Restart\s*$/);
    await window.screenshot('answers-missing-server.png');
  });

  it('links to the log of the missing server', async () => {
    await window.page.locator('.interactive-response a', { hasText: 'Show log' }).last().click();
    await window.page.locator('.part.panel', { hasText: 'MCP Gateway: dead' }).waitFor();
    await window.page.keyboard.press('ControlOrMeta+J');
  });

  it('shows the result of /call, images included', async () => {
    await window.sendChat('@mcp /call everything__get-tiny-image');
    await window.chat.answer();
    const selector = '.interactive-response img[src^="data:image/png"]';
    await window.page.locator(selector).last().waitFor();
    const width = await window.page.evaluate<number>(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].at(-1).naturalWidth`,
    );
    assert.ok(width > 0);
  });

  it('shows /servers as a table', async () => {
    await window.sendChat('@mcp /servers');
    assert.match(await window.chat.answer(), /Everything\s+live\s+1\d\s+stdio/);
    assert.equal(await window.page.locator('.interactive-response table').last().locator('tr').count(), 3);
    await window.screenshot('answers-servers.png');
  });
});
