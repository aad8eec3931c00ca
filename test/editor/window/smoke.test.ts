import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../support/vscode/browser.js';
import { linkExtension } from '../../support/vscode/extensions.js';
import { scriptedModelExtension } from '../../support/vscode/paths.js';
import { type VscodeServer, startVscodeServer, writeUserSettings } from '../../support/vscode/server.js';
import { type VscodeWindow, openWindow } from '../../support/vscode/window.js';

describe('A window with the scripted model', () => {
  let scratch: string;
  let folder: string;
  let browser: Browser | undefined;
  let server: VscodeServer | undefined;
  let window: VscodeWindow | undefined;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vscode-window-'));
    folder = join(scratch, 'workspace');
    await mkdir(folder);
    const extensionsDir = join(scratch, 'extensions');
    await linkExtension(scriptedModelExtension, extensionsDir);
    browser = await launchBrowser();
    server = await startVscodeServer({ dataDir: join(scratch, 'data'), extensionsDir });
  });

  afterEach(async () => {
    await window?.dispose();
    window = undefined;
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  for (const colorTheme of ['light', 'dark'] as const) {
    it(`answers in the chat view (${colorTheme})`, async () => {
      window = await openWindow(browser!, server!, { folder, colorTheme });
      await window.openChat();
      await window.sendChat('@scripted Hello');
      assert.equal(await window.chat.answer(), 'I was offered 0 tools.');
      await window.screenshot(`smoke-${colorTheme}.png`);

      await window.sendChat('@scripted first line\nremember');
      assert.match(await window.chat.answer(), /user: first line\s+remember/);
    });
  }

  it('starts restricted where trust is asked for, and can be trusted', async () => {
    await writeUserSettings(server!.dataDir, { 'security.workspace.trust.enabled': true });
    window = await openWindow(browser!, server!, { folder });
    await window.statusBarItem('Restricted Mode').waitFor();
    await window.openChat();
    await window.sendChat('@scripted Hello');
    assert.equal(await window.chat.answer(), 'I was offered 0 tools.');
    await window.trustFolder();
  });
});
