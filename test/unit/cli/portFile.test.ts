import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortFile } from '../../../src/cli/portFile.js';
import { silent } from '../../support/connectClient.js';
import { temporaryFolder } from '../../support/gateway.js';

describe('the port of the command line', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  beforeEach(async () => {
    folder = join(await temporaryFolder(cleanups), 'ports');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('is remembered for each config file', async () => {
    const [a, b] = [new PortFile(folder, '/a.json'), new PortFile(folder, '/b.json')];
    assert.deepEqual([await a.read(), await b.read()], [0, 0]);
    await a.write(1234, silent);
    await b.write(65_535, silent);
    assert.deepEqual([await a.read(), await b.read()], [1234, 65_535]);
    await a.write(80, silent);
    assert.equal(await new PortFile(folder, '/a.json').read(), 80);
  });

  it('is any port where what is remembered makes no sense', async () => {
    const port = new PortFile(folder, '/a.json');
    await port.write(1, silent);
    const [name] = await readdir(folder);
    for (const text of ['', 'x', '-1', '65536', '1e3', '9'.repeat(100), '12 34']) {
      await writeFile(join(folder, name!), text);
      assert.equal(await port.read(), 0, text);
    }
  });

  it('is remembered for the last hundred config files', async () => {
    for (let at = 0; at < 103; at++) await new PortFile(folder, `/${at}.json`).write(1000 + at, silent);
    assert.equal((await readdir(folder)).length, 100);
    assert.equal(await new PortFile(folder, '/102.json').read(), 1102);
  });

  it('is no reason to stop when it cannot be kept', async () => {
    const warnings: string[] = [];
    await mkdir(join(folder, '..', 'x'));
    await writeFile(folder, '');
    const port = new PortFile(folder, '/a.json');
    await port.write(1, { ...silent, warn: (line) => void warnings.push(line) });
    assert.match(warnings.join(), /another at the next start/);
    assert.equal(await port.read(), 0);
  });
});
