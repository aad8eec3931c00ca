import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { locate } from '../../../src/connect/locate.js';
import { ANNOUNCED_TOKEN, announced, announcementsIn } from '../../support/connectClient.js';
import { temporaryFolder } from '../../support/gateway.js';
import { proves } from '../../support/relayGateway.js';

describe('the gateway that connect takes', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  let directory: string;
  beforeEach(async () => {
    folder = await temporaryFolder(cleanups);
    directory = announcementsIn(folder);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Somebody who listens, announced for these folders. @returns its address */
  async function listening(folders: string[], servers: string[] = []): Promise<string> {
    const server = createServer((request, response) => {
      void proves(request, response, ANNOUNCED_TOKEN);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await announced(folder, { url, folders, servers }, cleanups);
    // The newest is told by its millisecond.
    const start = Date.now();
    while (Date.now() === start) await new Promise((resolve) => setImmediate(resolve));
    return url;
  }

  const urlFor = async (cwd: string, server?: string, leastMatch?: number): Promise<string | undefined> =>
    (await locate({ directory, cwd, server }, leastMatch)).found?.url;

  it('is the one with the longest workspace folder around the current folder, else the newest', async () => {
    const deep = join(folder, 'project', 'packages', 'a');
    await mkdir(deep, { recursive: true });
    await mkdir(join(folder, 'project-2'));
    await symlink(join(folder, 'project'), join(folder, 'link'));
    const inner = await listening([join(folder, 'elsewhere'), join(folder, 'project', 'packages')]);
    const outer = await listening([join(folder, 'link')]);
    const newest = await listening([join(folder, 'other')]);
    assert.equal(await urlFor(deep), inner);
    assert.equal(await urlFor(join(folder, 'link', 'packages')), inner);
    assert.equal(await urlFor(join(folder, 'project')), outer);
    assert.equal(await urlFor(join(folder, 'project-2')), newest);
    assert.equal(await urlFor(folder), newest);
    assert.equal(await urlFor(folder, undefined, 1), undefined);
    assert.equal(await urlFor(join(folder, 'project'), undefined, 1), outer);
  });

  it('is one that can be reached and has the server', async () => {
    const older = await listening([folder], ['files', 'a b']);
    await listening([folder], ['memory']);
    await announced(
      folder,
      { url: 'http://127.0.0.1:9/mcp', folders: [folder], servers: ['files'] },
      cleanups,
    );
    assert.equal(await urlFor(folder, 'a b'), `${older}/a%20b`);
    assert.deepEqual(await locate({ directory, cwd: folder, server: 'x' }), {
      found: undefined,
      servers: ['memory', 'files', 'a b'],
      failures: [],
    });
  });

  it('is none where there is no folder of announcements', async () => {
    assert.deepEqual(await locate({ directory: join(folder, 'nowhere'), cwd: folder, server: 'x' }), {
      found: undefined,
      servers: undefined,
      failures: [],
    });
  });
});
