/** `npm run package`: a production build and the `.vsix` with only what ships. */
import { mkdir } from 'node:fs/promises';
import { createVSIX } from '@vscode/vsce';

/** Where the package is written. */
export const VSIX = 'out/mcp-tool-gateway.vsix';

async function main(): Promise<void> {
  await mkdir('out', { recursive: true });
  // Everything is in the bundles, so no node_modules goes in.
  await createVSIX({
    packagePath: VSIX,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  console.log(`Wrote ${VSIX}`);
}

void main();
