import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { launchBrowser } from '../../support/vscode/browser.js';
import { linkExtension } from '../../support/vscode/extensions.js';
import { repoRoot, scriptedModelExtension } from '../../support/vscode/paths.js';
import { type VscodeServer, startVscodeServer, writeUserSettings } from '../../support/vscode/server.js';
import { until } from '../../support/vscode/until.js';
import { type VscodeWindow, openWindow } from '../../support/vscode/window.js';

const script = join(repoRoot, 'test/fixtures/servers/scripted-server.mjs');

/** A workspace that brings one server and replaces another of its user's. */
describe('The servers of a workspace', () => {
  let scratch: string;
  let folder: string;
  let browser: Browser | undefined;
  let server: VscodeServer | undefined;
  let window: VscodeWindow;

  const scripted = (name: string, tool: string, ...args: string[]): object => ({
    command: process.execPath,
    args: [script, ...args],
    env: {
      SCRIPT: JSON.stringify({ tools: [tool], spawnLog: join(scratch, name) }),
      OWNER: '${env:CONSENT_OWNER}',
    },
  });

  const bring = (servers: object): Promise<void> =>
    writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'mcpGateway.servers': servers }));

  /** How often a server was started. */
  const starts = async (name: string): Promise<number> =>
    (await readFile(join(scratch, name), 'utf8').catch(() => '')).split('\n').length - 1;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vscode-consent-'));
    folder = join(scratch, 'workspace');
    await mkdir(join(folder, '.vscode'), { recursive: true });
    await bring({ notes: scripted('theirs', 'evil'), fresh: scripted('fresh', 'hello') });
    const extensionsDir = join(scratch, 'extensions');
    await linkExtension(scriptedModelExtension, extensionsDir);
    await linkExtension(repoRoot, extensionsDir);
    browser = await launchBrowser();
    server = await startVscodeServer({
      dataDir: join(scratch, 'data'),
      extensionsDir,
      userSettings: {
        'mcpGateway.gracePeriodMs': 20_000,
        'mcpGateway.servers': { notes: scripted('mine', 'note') },
      },
    });
    window = await openWindow(browser, server, { folder, colorTheme: 'dark' });
    await openChat();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.screenshot('consent-failed.png');
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  async function openChat(): Promise<void> {
    await window.openChat();
    await window.quickInput.root.waitFor({ state: 'hidden' });
  }

  async function reload(): Promise<void> {
    await window.reload();
    await openChat();
  }

  const statusLabel = async (): Promise<string> =>
    (await window
      .statusBarItem(/\d MCP/)
      .locator('a')
      .getAttribute('aria-label')) ?? '';

  const statusSays = (pattern: RegExp): Promise<string> =>
    until(
      async () => {
        const label = await statusLabel();
        return pattern.test(label) ? label : undefined;
      },
      90_000,
      async () => `the status bar says “${await statusLabel()}”`,
    );

  const dialogButton = (title: string): Locator =>
    window.page.locator('.monaco-dialog-box .monaco-button', { hasText: title });

  async function notified(text: RegExp): Promise<void> {
    await window.runCommand('Notifications: Show Notifications');
    const centre = window.page.locator('.notifications-center');
    await centre.locator('.notification-list-item', { hasText: text }).first().waitFor();
    await centre.getByRole('button', { name: /^Hide Notifications/ }).click();
  }

  it("are not started by a window that opens, and the user's own goes on running", async () => {
    await statusSays(/1 tool; 1 server: .*2 waiting for your consent/);
    assert.deepEqual([await starts('mine'), await starts('theirs'), await starts('fresh')], [1, 0, 0]);
    await window.sendChat('@mcp /servers');
    const answer = await window.chat.answer();
    assert.match(answer, /notes: The settings of this workspace replace notes; yours goes on running until/);
    assert.match(answer, /fresh: The settings of this workspace bring fresh; it starts once you allow/);
    await window.screenshot('consent-servers.png');
  });

  it("take nothing of the workspace's into the user's own", async () => {
    const settings = join(folder, '.vscode', 'settings.json');
    const before = await readFile(settings, 'utf8');
    // A setting that either may make, and that names a tool here.
    await writeFile(settings, JSON.stringify({ ...JSON.parse(before), 'window.title': 'from_workspace' }));
    await writeUserSettings(server!.dataDir, {
      'window.title': 'from_user',
      'mcpGateway.servers': {
        notes: scripted('mine', 'note'),
        asks: scripted('asks', '${config:window.title}'),
      },
    });
    // User settings are read anew with the window.
    await reload();
    await statusSays(/2 tools; 2 servers: .*2 waiting/);
    await window.sendChat('@mcp /tools');
    const answer = await window.chat.answer();
    assert.match(answer, /asks__from_user/);
    assert.doesNotMatch(answer, /from_workspace/);
    await writeFile(settings, before);
    await writeUserSettings(server!.dataDir, { 'mcpGateway.servers': { notes: scripted('mine', 'note') } });
    await reload();
    await statusSays(/1 tool; 1 server: .*2 waiting/);
  });

  it('are asked about in the answer; what is denied does not start, and is not asked about again', async () => {
    const { chat } = window;
    await window.sendChat('@mcp which tools are there?');
    const question = await window.waitForChatText(
      /bring 2 MCP servers[^]*notes, which replaces[^]*Runs:[^]*fresh[^]*Runs:[^]*Waiting for your answer…/,
    );
    assert.match(question, /In: .*workspace/);
    assert.match(question, /environment variable CONSENT_OWNER/);
    for (const button of ['Allow all 2', 'Choose…', 'Deny']) await chat.button(button).waitFor();
    assert.deepEqual([await starts('theirs'), await starts('fresh')], [0, 0]);
    await window.screenshot('consent-asked.png');
    await chat.button('Deny').click();
    const answer = await chat.answer();
    assert.match(answer, /Not allowed: notes, fresh\. Nothing was started/);
    assert.match(answer, /I was offered 1 tools: notes__note/);
    assert.match(answer, /1 server is not in this answer: fresh \(needs your consent\)/);

    await window.sendChat('@mcp and now?');
    assert.doesNotMatch(await chat.answer(), /Waiting for your answer|MCP servers that you have not allowed/);
    await window.sendChat('@mcp /call fresh__hello {}');
    assert.match(await chat.answer(), /it starts once you allow that/);
    assert.deepEqual([await starts('theirs'), await starts('fresh')], [0, 0]);
  });

  it('are asked about when the user starts one, with what it does in the dialog', async () => {
    await window.runCommand('MCP Gateway: Restart Server…');
    await window.quickInput.type('fresh');
    await window.quickInput.accept();
    const dialog = window.dialog(/Allow the MCP server “fresh” of this workspace to run\?/);
    await dialog.waitFor();
    assert.match(
      await dialog.innerText(),
      /Runs: .*scripted-server\.mjs[^]*Reads: environment variable CONSENT_OWNER/,
    );
    await window.screenshot('consent-dialog.png');
    await dialogButton('Deny').click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await starts('fresh'), 0);

    await window.runCommand('MCP Gateway: List Servers');
    await window.quickInput.type('fresh');
    const [row] = await window.quickInput.items();
    assert.match(row ?? '', /fresh.*needs your consent/);
    await window.quickInput.accept();
    await window.page.locator('.quick-input-widget:visible', { hasText: 'Start…' }).waitFor();
    await window.quickInput.accept();
    await dialog.waitFor();
    await dialogButton('Allow').click();
    await statusSays(/2 tools; 2 servers: .*1 waiting for your consent/);
    assert.ok((await starts('fresh')) > 0);
    assert.equal(await starts('theirs'), 0);
  });

  it("replace the user's own once that is allowed, and stay allowed", async () => {
    await window.runCommand('MCP Gateway: Review Servers of This Workspace…');
    const dialog = window.dialog(/“notes”/);
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /It replaces the server of this name in your own settings\./);
    await dialogButton('Allow').click();
    await statusSays(/2 tools; 2 servers: (?!.*waiting)/);
    await window.sendChat('@mcp which tools?');
    assert.match(await window.chat.answer(), /I was offered 2 tools: notes__evil, fresh__hello/);

    await window.reload();
    await openChat();
    await window.sendChat('@mcp which tools?');
    assert.match(await window.chat.answer(), /I was offered 2 tools: notes__evil, fresh__hello/);
  });

  it('are asked about again when the definition changes, by “Allow” in the answer too', async () => {
    const before = await starts('fresh');
    await bring({ notes: scripted('theirs', 'evil'), fresh: scripted('fresh', 'hello', '--changed') });
    await statusSays(/1 waiting for your consent/);
    await window.sendChat('@mcp which tools are there now?');
    await window.waitForChatText(/bring an MCP server[^]*--changed[^]*Waiting for your answer…/);
    assert.equal(await starts('fresh'), before);
    await window.chat.button('Allow').click();
    assert.match(
      await window.chat.answer(),
      /Allowed fresh;[^]*I was offered 2 tools: notes__evil, fresh__hello/,
    );
    assert.equal(await starts('fresh'), before + 1);
  });

  it("give way to the user's own when the consents are reset", async () => {
    await window.runCommand('MCP Gateway: Reset Server Consents');
    await notified(/2 consents were forgotten/);
    await statusSays(/1 tool; 1 server: .*2 waiting for your consent/);
  });

  it('are left out in Restricted Mode, which is said', async () => {
    await writeUserSettings(server!.dataDir, {
      'mcpGateway.servers': {},
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
    });
    await window.reload();
    await window.statusBarItem('Restricted Mode').waitFor();
    await openChat();
    await window.sendChat('@mcp /tools');
    const answer = await window.chat.answer();
    assert.match(answer, /servers in the settings of this folder are left out while it is not trusted/);
    assert.doesNotMatch(answer, /No MCP servers are configured/);
    await window.screenshot('consent-restricted.png');
    await window.runCommand('MCP Gateway: List Servers');
    await notified(/those in the settings of this folder are left out while it is not trusted/);
  });

  it('a window without a folder is calm about a server that is about one', async () => {
    await writeUserSettings(server!.dataDir, {
      'security.workspace.trust.enabled': false,
      'mcpGateway.servers': {
        notes: scripted('mine', 'note'),
        files: { command: process.execPath, args: [script, '${workspaceFolder}'] },
      },
    });
    await window.page.goto(`http://localhost:${server!.port}/?ew=true`);
    await window.ready();
    await statusSays(/1 tool; 1 server: (?!.*waiting)/);
    const item = window.statusBarItem(/\d MCP/);
    assert.doesNotMatch(
      (await item.getAttribute('class')) ?? '',
      /error-kind|warning-kind|has-background-color/,
    );
    await item.hover();
    const tooltip = window.page.locator('.monaco-hover:visible', { hasText: 'MCP Gateway' });
    await tooltip.waitFor();
    assert.match(await tooltip.innerText(), /files uses \$\{workspaceFolder\}, and no folder is open/);
    await window.screenshot('consent-no-folder.png');
  });
});
