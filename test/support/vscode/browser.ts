import { type Browser, chromium } from 'playwright-core';
import { provisionChromium } from './chromium.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface BrowserOptions {
  /**
   * Whether an interrupt ends the browser and then this process, which is right where nothing else is to be
   * tidied up (default). With `false` the caller answers the signals.
   */
  readonly handleSignals?: boolean;
}

/** Starts a headless browser; it ends with this process at the latest. */
export async function launchBrowser({ handleSignals = true }: BrowserOptions = {}): Promise<Browser> {
  const { executablePath, env } = await provisionChromium();
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return chromium.launch({
    executablePath,
    args: FLAGS,
    env: { ...Object.fromEntries(inherited), ...env },
    handleSIGINT: handleSignals,
    handleSIGTERM: handleSignals,
    handleSIGHUP: handleSignals,
  });
}
