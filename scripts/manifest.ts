import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestConfiguration } from '../src/gateway/config/manifest.js';

/** Writes the settings' schema into package.json, from the rules by which the settings are read. */
async function main(path: string): Promise<void> {
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { contributes: Record<string, unknown> };
  manifest.contributes['configuration'] = { title: 'MCP Gateway', properties: manifestConfiguration() };
  await writeFile(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

void main(join(__dirname, '..', 'package.json'));
