import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../support/vscode/browser.js';
import { linkExtension } from '../../support/vscode/extensions.js';
import { repoRoot, scriptedModelExtension } from '../../support/vscode/paths.js';
import { type VscodeServer, startVscodeServer } from '../../support/vscode/server.js';
import { type VscodeWindow, openWindow } from '../../support/vscode/window.js';

const everything = join(
  repoRoot,
  'node_modules',
  '@modelcontextprotocol',
  'server-everything',
  'dist',
  'index.js',
);

describe('What a server asks during a call in the chat, as its user sees it', () => {
  let scratch: string;
  let browser: Browser | undefined;
  let server: VscodeServer | undefined;
  let window: VscodeWindow;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vscode-asks-'));
    const folder = join(scratch, 'workspace');
    await mkdir(join(folder, '.vscode'), { recursive: true });
    const servers = { everything: { title: 'Everything', command: process.execPath, args: [everything] } };
    await writeFile(
      join(folder, '.vscode', 'settings.json'),
      JSON.stringify({ 'mcpGateway.servers': servers }),
    );
    const folders = { dataDir: join(scratch, 'data'), extensionsDir: join(scratch, 'extensions') };
    await linkExtension(repoRoot, folders.extensionsDir);
    await linkExtension(scriptedModelExtension, folders.extensionsDir);
    server = await startVscodeServer({
      ...folders,
      userSettings: { 'mcpGateway.trustFolders': [folder] },
    });
    browser = await launchBrowser();
    window = await openWindow(browser, server, { folder });
    await window.statusBarItem(/\d\d MCP/).waitFor();
    await window.openChat();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.screenshot('server-asks-failed.png');
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  const ELICIT = '@mcp /call everything__trigger-elicitation-request {}';

  /** Waits for the step of a form that stands at this place. */
  const step = async (number: number): Promise<void> => {
    await window.quickInput.root.locator('.quick-input-title', { hasText: `${number}/13` }).waitFor();
  };

  it('a form is asked field by field, with its defaults, and what does not fit is said at once', async () => {
    await window.sendChat(ELICIT);
    await step(1);
    assert.match(await window.quickInput.title(), /Everything asks/);
    await window.quickInput.type('Ann');
    await window.screenshot('server-asks-form.png');
    await window.quickInput.accept();
    await step(2);
    // Nothing is the default: Enter alone must not agree.
    await window.page.keyboard.press('Enter');
    await window.quickInput.root.getByPlaceholder(/Nothing is chosen yet/).waitFor();
    await window.quickInput.pick('Yes');
    await step(3);
    assert.equal(await window.quickInput.input.inputValue(), 'It was a dark and stormy night.');
    await window.quickInput.accept();
    await step(4);
    await window.quickInput.type('no address');
    await window.quickInput.accept();
    await window.quickInput.root.getByText(/must be an email address/).waitFor();
    await window.quickInput.type('ann@example.com');
    await window.quickInput.accept();
    for (let number = 5; number <= 13; number++) {
      await step(number);
      await window.quickInput.accept();
    }
    // VS Code shows an answer bit by bit; these are its last words.
    const answer = await window.waitForChatText(/Favorite Integer: 42[^]*"fish-1"[^]*"pet-1"/);
    assert.match(answer, /Name: Ann/);
    assert.match(answer, /Agreed to terms: true/);
    assert.match(answer, /Email: ann@example\.com/);
    assert.doesNotMatch(answer, /Homepage:/);
  });

  it('declining is one button, and Escape cancels', async () => {
    await window.sendChat(ELICIT);
    await step(1);
    await window.quickInput.root.getByRole('button', { name: 'Decline' }).click();
    await window.waitForChatText(/User declined to provide/);
    await window.chat.answer();

    await window.sendChat(ELICIT);
    await step(1);
    await window.quickInput.dismiss();
    await window.waitForChatText(/User cancelled the elicitation/);
    await window.chat.answer();
  });

  const SAMPLE = '@mcp /call everything__trigger-sampling-request {"prompt":"Hello","maxTokens":100}';

  it('a language model is used only when the user allows it, who is shown what is sent', async () => {
    await window.sendChat(SAMPLE);
    const question = window.dialog(/Let Everything use the language model/);
    await question.waitFor();
    assert.match(await question.innerText(), /context: Hello/);
    await window.screenshot('server-asks-sampling.png');
    await window.page.keyboard.press('Escape');
    await window.waitForChatText(/does not let this server use a language model/);
    await window.chat.answer();

    await window.sendChat(SAMPLE);
    await question.locator('.monaco-button', { hasText: 'Allow in This Session' }).click();
    await window.waitForChatText(/"model": "scripted-1"/);
    await window.chat.answer();
  });

  it('a new token for the endpoint is made after a question that says what happens', async () => {
    await window.runCommand('MCP Gateway: Rotate Endpoint Token');
    const question = window.dialog(/Make a new token/);
    await question.waitFor();
    await window.screenshot('server-asks-rotate.png');
    await question.locator('.monaco-button', { hasText: 'Rotate Token' }).click();
    await question.waitFor({ state: 'hidden' });
  });
});
