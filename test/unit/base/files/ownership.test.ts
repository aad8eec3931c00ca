import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderFault, ownershipFault } from '../../../../src/base/files/ownership.js';
import { temporaryFolder } from '../../../support/gateway.js';

describe('ownership', () => {
  for (const [uid, mode, demand, fault] of [
    [7, 0o600, 'private', undefined],
    [7, 0o40700, 'private', undefined],
    [0, 0o400, 'private', undefined],
    [8, 0o600, 'private', 'it belongs to another user'],
    [8, 0o600, 'unwritable', 'it belongs to another user'],
    [7, 0o640, 'private', 'other users can read it (mode 640)'],
    [7, 0o601, 'private', 'other users can read it (mode 601)'],
    [7, 0o620, 'private', 'other users can read or change it (mode 620)'],
    [7, 0o755, 'unwritable', undefined],
    [7, 0o775, 'unwritable', 'other users can change it (mode 775)'],
    [7, 0o702, 'unwritable', 'other users can change it (mode 702)'],
  ] as const)
    it(`of ${uid} with mode ${mode.toString(8)}, to be ${demand}: ${fault ?? 'fine'}`, () => {
      assert.equal(ownershipFault({ uid, mode }, demand, 7), fault);
    });

  it('of a folder: others must not replace its files', async function () {
    if (process.platform === 'win32') this.skip();
    const cleanups: (() => Promise<unknown>)[] = [];
    try {
      const folder = join(await temporaryFolder(cleanups), 'a');
      await mkdir(folder);
      for (const [mode, fault] of [
        [0o755, undefined],
        [0o777, 'other users can change it (mode 777)'],
        [0o1777, undefined],
      ] as const) {
        await chmod(folder, mode);
        assert.equal(await folderFault(folder), fault);
      }
      await writeFile(join(folder, 'file'), '');
      assert.equal(await folderFault(join(folder, 'file')), 'it is not a folder');
      await assert.rejects(folderFault(join(folder, 'nothing')), { code: 'ENOENT' });
    } finally {
      for (const cleanup of cleanups.reverse()) await cleanup();
    }
  });
});
