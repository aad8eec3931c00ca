import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keepLauncher } from '../../../src/vscode/launcher.js';
import { temporaryFolder } from '../../support/gateway.js';

describe('keepLauncher', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('runs the newest program with what it is given, also after an update', async () => {
    const folder = await temporaryFolder(cleanups);
    const path = join(folder, 'storage', 'connect.cjs');
    for (const version of ['1', "2 'quoted'"]) {
      const program = join(folder, `cli ${version}.js`);
      await writeFile(program, `console.log(${JSON.stringify(version)}, ...process.argv.slice(2));`);
      await keepLauncher(path, program);
      const { stdout } = await promisify(execFile)(process.execPath, [path, 'connect', '--server=x']);
      assert.equal(stdout, `${version} connect --server=x\n`);
    }
  });
});
