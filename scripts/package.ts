/** `npm run package`: a production build and the `.vsix` with only what ships. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { deadLinks } from './deadLinks.js';

/** Where the package is written. */
export const VSIX = 'out/mcp-tool-gateway.vsix';

const MAX_BUNDLE_BYTES = 1_500_000;

/** What the extension's page shows. */
const PAGES = ['README.md', 'CHANGELOG.md'];

/** There is no repository that VS Code could lead to. @throws when a page links to what is not in the package */
async function checkLinks(): Promise<void> {
  const files = await listFiles({ packageManager: PackageManager.None });
  for (const page of PAGES) {
    const dead = deadLinks(await readFile(page, 'utf8'), files);
    if (dead.length > 0)
      throw new Error(
        `${page} links to ${dead.join(', ')}, which is not in the package. Write the path as text.`,
      );
  }
}

async function main(): Promise<void> {
  await checkLinks();
  await mkdir('out', { recursive: true });
  // Everything is in the bundles, so no node_modules goes in.
  await createVSIX({
    packagePath: VSIX,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  // The bound that the marketplace's users feel: what is loaded at every start of VS Code.
  const { size } = await stat('dist/extension.js');
  if (size >= MAX_BUNDLE_BYTES)
    throw new Error(`dist/extension.js has ${size} bytes, not less than ${MAX_BUNDLE_BYTES}.`);
  console.log(`Wrote ${VSIX}; the extension's bundle has ${size} bytes.`);
}

void main();
