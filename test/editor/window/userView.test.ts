import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../support/vscode/browser.js';
import { installExtension, linkExtension } from '../../support/vscode/extensions.js';
import { repoRoot, scriptedModelExtension } from '../../support/vscode/paths.js';
import { type VscodeServer, startVscodeServer } from '../../support/vscode/server.js';
import { type VscodeWindow, openWindow } from '../../support/vscode/window.js';

const publicServer = (name: string, ...args: string[]): object => ({
  command: process.execPath,
  args: [
    join(repoRoot, 'node_modules', '@modelcontextprotocol', `server-${name}`, 'dist', 'index.js'),
    ...args,
  ],
});

/** What a user of the installed package sees, with three good servers and one whose command does not exist. */
describe('The installed package, as its user sees it', () => {
  let scratch: string;
  let browser: Browser | undefined;
  let server: VscodeServer | undefined;
  let window: VscodeWindow;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vscode-user-view-'));
    const folder = join(scratch, 'workspace');
    await mkdir(join(folder, '.vscode'), { recursive: true });
    const servers = {
      everything: { title: 'Everything', ...publicServer('everything') },
      filesystem: publicServer('filesystem', folder),
      memory: publicServer('memory'),
      broken: { command: 'no-such-command-here' },
    };
    await writeFile(
      join(folder, '.vscode', 'settings.json'),
      JSON.stringify({ 'mcpGateway.servers': servers }),
    );
    const folders = { dataDir: join(scratch, 'data'), extensionsDir: join(scratch, 'extensions') };
    await installExtension(join(repoRoot, 'out', 'mcp-tool-gateway.vsix'), folders);
    await linkExtension(scriptedModelExtension, folders.extensionsDir);
    server = await startVscodeServer({
      ...folders,
      userSettings: { 'mcpGateway.trustFolders': [folder] },
    });
    browser = await launchBrowser();
    window = await openWindow(browser, server, { folder, colorTheme: 'light' });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.screenshot('user-view-failed.png');
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  it('the status bar has the number of tools, and the reason of the failure in its tooltip', async () => {
    const item = window.statusBarItem(/4\d MCP/);
    await item.waitFor();
    assert.match(
      (await item.locator('a').getAttribute('aria-label')) ?? '',
      /4\d tools; 4 servers: .*1 failed/,
    );
    await item.hover();
    const tooltip = window.page.locator('.monaco-hover:visible', { hasText: 'MCP Gateway' });
    await tooltip.waitFor();
    assert.match(await tooltip.innerText(), /"no-such-command-here" was not found/);
    await window.screenshot('user-view-status.png');
    await window.page.mouse.move(400, 400);
    await tooltip.waitFor({ state: 'hidden' });
  });

  it("@mcp /tools lists the three servers' tools and names the one that is missing, in a line", async () => {
    await window.openChat();
    await window.sendChat('@mcp /servers');
    const servers = await window.chat.answer();
    assert.match(servers, /Everything[^]*filesystem[^]*memory[^]*broken[^]*failed/);
    await window.screenshot('user-view-servers.png');

    await window.sendChat('@mcp /tools');
    const answer = await window.chat.answer();
    for (const name of ['everything__echo', 'filesystem__read_text_file', 'memory__create_entities'])
      assert.ok(answer.includes(name), name);
    assert.match(answer, /broken \(failed( too often)?\)/);
    await window.screenshot('user-view-tools.png');
  });

  it('@mcp alone gives its help, although a file is open that VS Code attaches by itself', async () => {
    await window.runCommand('File: New Untitled Text File');
    await window.page.keyboard.type('some text');
    await window.openChat();
    await window.sendChat('@mcp ');
    await window.waitForChatText(/Ask anything; the model can use the tools/);
    await window.chat.answer();
  });

  it("the scripted model's call runs on server-everything, and its answer is in the chat view", async () => {
    await window.sendChat('@mcp call everything__echo {"message":"seen by its user"}');
    const allow = window.chat.button('Allow once');
    const answered = window.waitForChatText(/The tool answered: Echo: seen by its user/);
    // Whether it asks depends on what the tool says of itself.
    await Promise.race([answered, allow.click()]).catch(() => undefined);
    await answered;
    await window.chat.answer();
    await window.screenshot('user-view-call.png');
  });

  it('List Servers shows states and offers actions, by keyboard alone', async () => {
    await window.runCommand('MCP Gateway: List Servers');
    const { quickInput } = window;
    await quickInput.type('everything');
    const [row] = await quickInput.items();
    assert.match(row ?? '', /Everything.*live.*tools/);
    await window.screenshot('user-view-list.png');
    await quickInput.accept();
    const actions = window.page.locator('.quick-input-widget:visible', { hasText: 'Restart' });
    await actions.waitFor();
    const labels = await quickInput.items();
    for (const label of ['Restart', 'Show Log', 'Reset Cache', 'Open Settings'])
      assert.ok(
        labels.some((text) => text.includes(label)),
        label,
      );
    await quickInput.type('Show Log');
    await quickInput.accept();
    await window.page.locator('.part.panel .output-view, .part.panel .view-lines').first().waitFor();
    await window.page.locator('.part.panel', { hasText: 'Ready in' }).waitFor();
    await window.screenshot('user-view-log.png');
  });

  it('Restart Server… restarts the one that is picked', async () => {
    await window.runCommand('MCP Gateway: Restart Server…');
    await window.quickInput.type('broken');
    await window.quickInput.accept();
    await window.runCommand('Notifications: Show Notifications');
    const centre = window.page.locator('.notifications-center');
    await centre
      .locator('.notification-list-item', { hasText: /no-such-command-here.*was not found/ })
      .waitFor();
    await window.screenshot('user-view-restart-failed.png');
  });
});
