import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mostBytesOfTextFile, readTextFile } from '../../../../src/gateway/config/textFile.js';

describe('readTextFile', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'text-file-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('reads text, without a byte order mark', async () => {
    await writeFile(join(folder, 'a'), '\uFEFFäöü\n');
    assert.equal(await readTextFile(join(folder, 'a')), 'äöü\n');
  });

  it('reads UTF-16, which Windows PowerShell writes', async () => {
    await writeFile(join(folder, 'wide'), '\uFEFFäöü𝄞\r\n', 'utf16le');
    assert.equal(await readTextFile(join(folder, 'wide')), 'äöü𝄞\r\n');
  });

  it('reads up to its bound and not beyond', async () => {
    const path = join(folder, 'large');
    await writeFile(path, 'x'.repeat(mostBytesOfTextFile));
    assert.equal((await readTextFile(path)).length, mostBytesOfTextFile);
    await writeFile(path, 'x'.repeat(mostBytesOfTextFile + 1));
    await assert.rejects(readTextFile(path), { message: 'is larger than 1 MiB' });
  });

  it('says why a file cannot be read', async () => {
    await mkdir(join(folder, 'sub'));
    await assert.rejects(readTextFile(join(folder, 'missing')), { message: 'does not exist' });
    await assert.rejects(readTextFile(join(folder, 'sub')), { message: 'is not a file' });
  });

  it('does not wait for a pipe', async function () {
    if (process.platform === 'win32') this.skip();
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
    await assert.rejects(readTextFile(join(folder, 'pipe')), { message: 'is not a file' });
  });
});
