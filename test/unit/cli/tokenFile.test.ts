import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../../src/cli/failure.js';
import { tokenIn } from '../../../src/cli/tokenFile.js';
import { isToken, newToken } from '../../../src/base/token.js';
import { bundle } from '../../support/bundle.js';
import { temporaryFolder } from '../../support/gateway.js';

const posix = process.platform !== 'win32';

describe('the token of the command line', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder(cleanups);
    file = join(folder, 'token');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('is 256 random bits, kept in a file for the user alone', async () => {
    const token = await tokenIn(file);
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    assert.equal(await tokenIn(file), token);
    assert.notEqual(await tokenIn(join(folder, 'other')), token);
    if (posix) assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(folder)).sort(), ['other', 'token']);
  });

  it('may be a link to where secrets are kept', async function () {
    if (!posix) this.skip();
    const token = await tokenIn(join(folder, 'secret'));
    await symlink(join(folder, 'secret'), file);
    assert.equal(await tokenIn(file), token);
  });

  it('is one for all who make it at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenIn(file)));
    assert.equal(new Set(tokens).size, 1);
  });

  it('is one for all processes that make it at once', async function () {
    this.timeout(30_000);
    // In Wine there is no esbuild, which makes the program.
    if (!posix) this.skip();
    const program = join(folder, 'program.cjs');
    await bundle('src/cli/tokenFile.ts', program);
    const other = join(folder, 'other');
    const script = `require(${JSON.stringify(program)}).tokenIn(${JSON.stringify(other)}).then(console.log)`;
    const runs = Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, ['-e', script]));
    const printed = (await Promise.all(runs)).map(({ stdout }) => stdout.trim());
    assert.ok(isToken(printed[0]!));
    assert.deepEqual(new Set(printed), new Set([await tokenIn(other)]));
  });

  it('may come from elsewhere', async () => {
    for (const own of [newToken(), 'a1'.repeat(16), `${'Ab+/'.repeat(10)}ab==`]) {
      await writeFile(file, `${own}\r\n`, { mode: 0o600 });
      assert.equal(await tokenIn(file), own);
    }
  });

  for (const [what, text] of [
    ['too short', 'a'.repeat(31)],
    ['too long', 'a'.repeat(513)],
    ['two lines', `${'a'.repeat(40)}\n${'a'.repeat(40)}`],
    ['no header could carry it', 'ä'.repeat(40)],
    ['empty', ''],
  ] as const)
    it(`is refused when it is: ${what}`, async () => {
      await writeFile(file, text, { mode: 0o600 });
      await assert.rejects(tokenIn(file), (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /token holds no token: .*Delete the file to get a new one\./);
        return text === '' || !error.message.includes(text);
      });
      assert.equal(await readFile(file, 'utf8'), text);
    });

  it('is refused when others can read or change it', async function () {
    if (!posix) this.skip();
    await writeFile(file, newToken());
    for (const [mode, what] of [
      [0o640, 'read'],
      [0o604, 'read'],
      [0o620, 'read or change'],
    ] as const) {
      await chmod(file, mode);
      await assert.rejects(
        tokenIn(file),
        new RegExp(`other users can ${what} it \\(mode ${mode.toString(8)}\\)\\. .*chmod 600`),
      );
    }
  });

  it('is refused when its folder, or that of a link to it, can be changed by others, and not made there', async function () {
    if (!posix) this.skip();
    const open = join(folder, 'open');
    await mkdir(open);
    const own = join(folder, 'own');
    const token = await tokenIn(own);
    await symlink(own, join(open, 'link'));
    await writeFile(join(open, 'token'), newToken(), { mode: 0o600 });
    await chmod(open, 0o777);
    for (const name of ['token', 'link', 'new'])
      await assert.rejects(tokenIn(join(open, name)), (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /open is no place for a token: other users can change it .*chmod go-w/);
        return true;
      });
    assert.deepEqual((await readdir(open)).sort(), ['link', 'token']);
    // As in /tmp, nobody replaces what is another's.
    await chmod(open, 0o1777);
    assert.equal(await tokenIn(join(open, 'link')), token);
  });

  it('is refused when it, or its folder, belongs to another user', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const place = join(folder, 'place');
    await mkdir(place, { mode: 0o700 });
    const inPlace = join(place, 'token');
    await tokenIn(inPlace);
    await chown(inPlace, 12_345, 12_345);
    await assert.rejects(tokenIn(inPlace), /it belongs to another user/);
    await chown(inPlace, 0, 0);
    await chown(place, 12_345, 12_345);
    await assert.rejects(tokenIn(inPlace), /place is no place for a token: it belongs to another user/);
  });

  it('is refused where there can be none', async () => {
    await mkdir(file, { mode: 0o700 });
    await assert.rejects(tokenIn(file), /is not a small file\. Give another token file\./);
    await assert.rejects(tokenIn(join(folder, 'no', 'token')), /cannot be written \(ENOENT\)/);
  });
});
