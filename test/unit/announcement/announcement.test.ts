import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ownIdentity } from '../../../src/base/process/processIdentity.js';
import { announce } from '../../../src/announcement/announce.js';
import { findRunning } from '../../../src/announcement/findRunning.js';
import { readEntry, writeEntry } from '../../../src/announcement/record.js';
import { newToken } from '../../../src/base/token.js';
import type { Logger } from '../../../src/gateway/ports.js';
import { silent } from '../../support/connectClient.js';
import { temporaryFolder } from '../../support/gateway.js';

const posix = process.platform !== 'win32';

describe('announcements', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let directory: string;
  const warnings: string[] = [];
  const logger: Logger = { ...silent, warn: (line) => void warnings.push(line) };
  const facts = {
    url: 'http://127.0.0.1:1234/mcp',
    token: newToken(),
    servers: ['a', 'b c'],
    folders: ['/work'],
  };
  const entry = { ...facts, pid: process.pid, startedAt: 1, host: hostname() };

  beforeEach(async () => {
    directory = join(await temporaryFolder(cleanups), 'state', 'running');
    warnings.length = 0;
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('are found for as long as they stand, as they were last written, newest first', async () => {
    const startedAt = Date.now();
    const first = await announce(directory, facts, logger);
    const [found] = await findRunning(directory);
    assert.ok(found!.startedAt >= startedAt);
    assert.deepEqual(found, { ...facts, pid: process.pid, startedAt: found!.startedAt });
    while (Date.now() === found.startedAt) await new Promise((resolve) => setImmediate(resolve));
    const second = await announce(directory, { ...facts, servers: [] }, logger);
    const others = Array.from({ length: 20 }, (_, at) => first.update({ ...facts, servers: [String(at)] }));
    await Promise.all(others);
    const servers = async (): Promise<unknown> =>
      (await findRunning(directory)).map(({ servers }) => servers);
    assert.deepEqual(await servers(), [[], ['19']]);
    await second.dispose();
    await second.update(facts);
    assert.deepEqual(await servers(), [['19']]);
    await first.dispose();
    assert.deepEqual([await findRunning(directory), await readdir(directory)], [[], []]);
    assert.deepEqual(warnings, []);
  });

  it('are for the eyes of the user only', async function () {
    if (!posix) this.skip();
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await chmod(directory, 0o755);
    const announcement = await announce(directory, facts, logger);
    const [name] = await readdir(directory);
    const modes = [directory, join(directory, name!)].map(async (path) => (await stat(path)).mode & 0o777);
    assert.deepEqual(await Promise.all(modes), [0o700, 0o600]);
    await announcement.dispose();
  });

  it('of processes that have ended are swept away, also when they were killed', async function () {
    // There the suite for Windows kills a real one; tsx need not run there.
    if (!posix) this.skip();
    const script = `
      const { announce } = await import('./src/announcement/announce.ts');
      const log = () => undefined;
      await announce(process.argv[1], JSON.parse(process.argv[2]), { debug: log, info: log, warn: log, error: log });
      console.log('announced');
      setInterval(() => undefined, 1000);`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script, directory, JSON.stringify(facts)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    assert.deepEqual(
      (await findRunning(directory)).map(({ pid }) => pid),
      [child.pid],
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual([await findRunning(directory), await readdir(directory)], [[], []]);
  });

  it('of other machines, and what is no announcement, are left out; only old garbage of ours is swept away', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const hex = '0123456789ab';
    const own = String(process.pid);
    const files: Record<string, string> = {
      [`${own}-${hex}.json`]: '{"url": ',
      [`${own}-1${hex.slice(1)}.json`]: '',
      [`${own}-2${hex.slice(1)}.json`]: writeEntry({ ...entry, pid: dead }).toString(),
      [`${own}-3${hex.slice(1)}.json`]: 'x'.repeat(300 * 1024),
      [`${own}-${hex}.json.${hex}.tmp`]: '{',
      [`${dead}-4${hex.slice(1)}.json`]: writeEntry({ ...entry, pid: dead, host: 'other' }).toString(),
      [`${dead}-5${hex.slice(1)}.json`]: writeEntry({ ...entry, pid: dead }).toString(),
      'notes.txt': 'mine',
      '0.json': 'mine',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    await mkdir(join(directory, `${own}-6${hex.slice(1)}.json`));
    if (posix) await symlink('/dev/zero', join(directory, `${own}-7${hex.slice(1)}.json`));
    assert.deepEqual(await findRunning(directory), []);
    const before = await readdir(directory);
    assert.ok(!before.includes(`${dead}-5${hex.slice(1)}.json`), 'a dead one is gone at once');
    assert.ok(before.includes(`${own}-${hex}.json`), 'it may be written just now');
    for (const name of before) if (name.includes(hex.slice(1))) await utimes(join(directory, name), 1, 1);
    assert.deepEqual(await findRunning(directory), []);
    const left = (await readdir(directory)).filter((name) => !/-[67]/.test(name)).sort();
    assert.deepEqual(left, ['0.json', `${dead}-4${hex.slice(1)}.json`, 'notes.txt'].sort());
  });

  it('of other users are left out, and left alone', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const announcement = await announce(directory, facts, logger);
    const [name] = await readdir(directory);
    await chown(join(directory, name!), 12_345, 12_345);
    assert.deepEqual([await findRunning(directory), await readdir(directory)], [[], [name]]);
    await announcement.dispose();
  });

  it('count for this process of this boot only, but for those of a sandbox, whose numbers say nothing here', async function () {
    if (process.platform !== 'linux') this.skip();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const own = { ...entry, ...(await ownIdentity()) };
    const found: boolean[] = [];
    for (const one of [
      own,
      { ...own, start: '1' },
      { ...own, boot: 'another' },
      { ...own, pid: dead },
      { ...own, pid: dead, space: 'pid:[1]' },
      { ...own, pid: dead, space: 'pid:[1]', boot: 'another' },
    ]) {
      const path = join(directory, `${one.pid}-0123456789ab.json`);
      await writeFile(path, writeEntry(one), { mode: 0o600 });
      const running = await findRunning(directory);
      found.push(running.length === 1);
      assert.equal((await readdir(directory)).length, running.length, 'what does not count is swept away');
      await rm(path, { force: true });
    }
    assert.deepEqual(found, [true, false, false, false, true, false]);
  });

  it('that cannot be made are told in the log, and stop nobody', async () => {
    const file = join(await temporaryFolder(cleanups), 'occupied');
    await writeFile(file, '');
    for (const place of [file, join(file, 'below')]) {
      const announcement = await announce(place, facts, logger);
      await announcement.update(facts);
      await announcement.dispose();
      assert.deepEqual(await findRunning(place), []);
    }
    assert.match(warnings[0]!, /"connect" cannot find this gateway.*occupied/);
    assert.doesNotMatch(warnings.join('\n'), new RegExp(facts.token));
  });

  it('are read as they were written, and nothing else is read as one', () => {
    assert.deepEqual(readEntry(writeEntry(entry).toString()), entry);
    const whole = { ...entry, socket: '/run/x/gateway', start: '1', boot: 'b', space: 's' };
    assert.deepEqual(readEntry(writeEntry(whole).toString()), whole);
    for (const wrong of [
      { url: 'http://example.com/mcp' },
      { url: 'https://127.0.0.1/mcp' },
      { url: 'http://127.0.0.1.example.com/mcp' },
      { url: 1 },
      { token: 'short' },
      { token: `${newToken()}\r\nx: y` },
      { pid: 0 },
      { pid: -1 },
      { pid: 1.5 },
      { startedAt: 'now' },
      { servers: 'a' },
      { servers: [1] },
      { folders: undefined },
      { host: undefined },
      { socket: 'relative' },
      { socket: 1 },
      { start: 1 },
      { boot: 'x'.repeat(600) },
    ])
      assert.equal(readEntry(JSON.stringify({ ...entry, ...wrong })), undefined, JSON.stringify(wrong));
    fc.assert(fc.property(fc.json(), (text) => readEntry(text) === undefined));
    fc.assert(fc.property(fc.string(), (text) => readEntry(text) === undefined));
  });
});
