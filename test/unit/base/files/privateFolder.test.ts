import assert from 'node:assert/strict';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder } from '../../../../src/base/files/privateFolder.js';
import { temporaryFolder } from '../../../support/gateway.js';

const posix = process.platform === 'win32' ? describe.skip : describe;

posix('makePrivateFolder', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let base: string;
  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

  beforeEach(async () => {
    base = await temporaryFolder(cleanups);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('makes a folder for the user alone, and those above it', async () => {
    const path = join(base, 'a', 'b');
    await makePrivateFolder(path);
    assert.deepEqual([await modeOf(path), await modeOf(join(base, 'a'))], [0o700, 0o700]);
  });

  it('closes to others what they could only read', async () => {
    const path = join(base, 'a');
    await mkdir(path);
    await chmod(path, 0o755);
    await makePrivateFolder(path);
    assert.equal(await modeOf(path), 0o700);
  });

  for (const mode of [0o777, 0o770, 0o702, 0o1777])
    it(`takes no folder that others can write (${mode.toString(8)}), and leaves it as it is`, async () => {
      const path = join(base, 'a');
      await mkdir(path);
      await chmod(path, mode);
      await assert.rejects(makePrivateFolder(path), /other users can change it/);
      assert.equal(await modeOf(path), mode & 0o777);
    });

  it('takes no folder of another user', async function () {
    if (process.getuid?.() === 0) this.skip();
    await assert.rejects(makePrivateFolder('/usr'), /belongs to another user/);
  });

  it('takes no folder in whose place others could put another', async () => {
    const open = join(base, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await assert.rejects(makePrivateFolder(join(open, 'a')), /of .*open, other users can change it/);
    await assert.rejects(makePrivateFolder(join(open, 'b', 'c')), /of .*open, other users can change it/);
    await chmod(open, 0o1777);
    await makePrivateFolder(join(open, 'a'));
  });

  it('takes neither a link nor a file for a folder', async () => {
    await mkdir(join(base, 'real'));
    await symlink(join(base, 'real'), join(base, 'link'));
    await writeFile(join(base, 'file'), '');
    await assert.rejects(makePrivateFolder(join(base, 'link')), /not a folder/);
    await assert.rejects(makePrivateFolder(join(base, 'file')), /not a folder/);
  });
});
