/** `npm run package`: a production build and the `.vsix` with only what ships. */
import { mkdir, stat } from 'node:fs/promises';
import { createVSIX } from '@vscode/vsce';

/** Where the package is written. */
export const VSIX = 'out/mcp-tool-gateway.vsix';

const MAX_BUNDLE_BYTES = 1_500_000;

async function main(): Promise<void> {
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
