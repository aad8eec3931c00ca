import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { launchBrowser } from '../../support/vscode/browser.js';
import { linkExtension } from '../../support/vscode/extensions.js';
import { repoRoot } from '../../support/vscode/paths.js';
import { type VscodeServer, startVscodeServer } from '../../support/vscode/server.js';
import { type VscodeWindow, openWindow } from '../../support/vscode/window.js';

const COMMAND = 'MCP Gateway: Copy Client Configuration…';
const OURS = '{\n  // Ours.\n  "theme": "dark",\n}\n';

describe('“Copy Client Configuration…”, as its user sees it', () => {
  let scratch: string;
  let folder: string;
  let browser: Browser | undefined;
  let server: VscodeServer | undefined;
  let window: VscodeWindow;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vscode-clients-'));
    folder = join(scratch, 'workspace');
    await mkdir(join(folder, '.vscode'), { recursive: true });
    await mkdir(join(folder, '.gemini'));
    await writeFile(join(folder, '.gemini', 'settings.json'), OURS);
    const servers = {
      files: { command: 'no-such-command-here' },
      'b 2': { command: 'no-such-command-here' },
    };
    await writeFile(
      join(folder, '.vscode', 'settings.json'),
      JSON.stringify({ 'mcpGateway.servers': servers }),
    );
    const folders = { dataDir: join(scratch, 'data'), extensionsDir: join(scratch, 'extensions') };
    await linkExtension(repoRoot, folders.extensionsDir);
    server = await startVscodeServer({
      ...folders,
      userSettings: { 'mcpGateway.trustFolders': [folder] },
    });
    browser = await launchBrowser();
    window = await openWindow(browser, server, { folder });
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.screenshot('client-configuration-failed.png');
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  /** A notification, in the list of all: a window that tests drive pops none of them up. */
  async function told(text: RegExp): Promise<Locator> {
    const center = window.page.locator('.notifications-center.visible');
    if ((await center.count()) === 0) await window.page.locator('[id="status.notifications"]').click();
    const item = window.page
      .locator('.notifications-center .notification-list-item', { hasText: text })
      .first();
    await item.waitFor();
    return item;
  }

  /** Runs the command for a client and a server; answers what is in the clipboard then. */
  async function copy(client: string, target: string, message: RegExp): Promise<string> {
    await window.runCommand(COMMAND);
    await window.quickInput.pick(client);
    await window.quickInput.pick(target);
    await told(message);
    return window.page.evaluate('navigator.clipboard.readText()');
  }

  it('copies a command, and says where it goes', async () => {
    const text = await copy('Claude Code', 'b 2', /Copied "b 2" for Claude Code: run it in a terminal/);
    assert.match(
      text,
      /^claude mcp add .* b-2-[0-9a-f]{6} -- node \S+mcp-tool-gateway\.cjs connect --client=claude-code '--server=b 2'$/,
    );
    await window.screenshot('client-configuration-copied.png');
  });

  it('makes a project file that is not there yet', async () => {
    await copy('Codex CLI', 'All servers', /Copied all servers for Codex CLI/);
    await (await told(/for Codex CLI/)).getByText('Write to Project…').click();
    const question = await told(/Write "mcp-tool-gateway" into \.codex\/config\.toml\?/);
    await window.screenshot('client-configuration-diff.png');
    await question.getByText('Write', { exact: true }).click();
    await told(/Wrote "mcp-tool-gateway"/);
    const text = await readFile(join(folder, '.codex', 'config.toml'), 'utf8');
    assert.match(
      text,
      /^\[mcp_servers\.mcp-tool-gateway\]\ncommand = "node"\nargs = \["\S+", "connect", "--client=codex-cli"\]\n$/,
    );
  });

  it('adds to a project file only what was agreed to', async () => {
    const file = join(folder, '.gemini', 'settings.json');
    await copy('Gemini CLI', 'files', /Copied "files" for Gemini CLI/);
    await (await told(/for Gemini CLI/)).getByText('Write to Project…').click();
    let question = await told(/Write "files" into \.gemini\/settings\.json\?/);
    await question.getByText('Cancel', { exact: true }).click();
    await question.waitFor({ state: 'hidden' });
    assert.equal(await readFile(file, 'utf8'), OURS);

    await copy('Gemini CLI', 'files', /Copied "files" for Gemini CLI/);
    await (await told(/for Gemini CLI/)).getByText('Write to Project…').click();
    question = await told(/Write "files" into/);
    await question.getByText('Write', { exact: true }).click();
    await told(/Wrote "files"/);

    const text = await readFile(file, 'utf8');
    assert.ok(
      text.startsWith('{\n  // Ours.\n  "theme": "dark",\n  "mcpServers": {\n    "files": {\n'),
      text,
    );
    assert.match(text, /"--server=files"/);
  });
});
