import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { repoRoot } from './paths.js';
import { provisionOnce } from './provisionOnce.js';

const run = promisify(execFile);

export interface Chromium {
  readonly executablePath: string;
  /** Variables the browser needs in addition to the inherited ones. */
  readonly env: Readonly<Record<string, string>>;
}

/** An installed Chrome, Chromium or Edge where there is one, else the one that comes inside an npm package. */
export async function provisionChromium(): Promise<Chromium> {
  const installed = installedBrowser();
  if (installed !== undefined) return { executablePath: installed, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No Chrome, Chromium or Edge found: install one or set CHROME_PATH.');
  }
  return unpackedChromium();
}

function installedBrowser(): string | undefined {
  const { CHROME_PATH: named, PATH: path = '' } = process.env;
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new Error(`CHROME_PATH names a file that does not exist: ${named}`);
  }
  const names =
    process.platform === 'win32'
      ? ['chrome.exe', 'msedge.exe']
      : ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge'];
  const onPath = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...usualPlaces()].find((file) => existsSync(file));
}

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (app) => `/Applications/${app}.app/Contents/MacOS/${app}`,
    );
  }
  if (process.platform === 'win32') {
    return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
        join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
      ]);
  }
  return ['/opt/google/chrome/chrome', '/snap/bin/chromium', '/usr/lib/chromium/chromium'];
}

async function unpackedChromium(): Promise<Chromium> {
  const manifest = await readFile(
    join(repoRoot, 'node_modules', '@sparticuz', 'chromium', 'package.json'),
    'utf8',
  );
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = await provisionOnce('chromium', version, unpack);
  const executablePath = join(folder, 'chromium');
  const fonts = { FONTCONFIG_PATH: join(folder, 'fonts') };
  const env = existsSync('/etc/fonts/fonts.conf') ? {} : fonts;

  // The machine's own libraries are the better fit where it has them all (libnss3, libnspr4, libexpat).
  const runs = await run(executablePath, ['--version']).then(
    () => true,
    () => false,
  );
  return { executablePath, env: runs ? env : { ...env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') } };
}

/**
 * The package unpacks into the temporary folder, with system libraries only where it believes to run in a
 * Lambda; both are told by the environment, so its own code runs in a child that has a suitable one.
 */
async function unpack(scratch: string): Promise<void> {
  const script = `import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())`;
  await run(process.execPath, ['-e', script], {
    cwd: repoRoot,
    env: { ...process.env, TMPDIR: scratch, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  });
}
