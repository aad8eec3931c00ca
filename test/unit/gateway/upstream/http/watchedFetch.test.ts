import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpRequest } from '../../../../../src/gateway/upstream/http/httpRequest.js';
import {
  MAX_FAILED_RESUMPTIONS,
  WatchedFetch,
} from '../../../../../src/gateway/upstream/http/watchedFetch.js';

describe('WatchedFetch', () => {
  it('gives an answer up only after resumptions that fail one after another', async function () {
    // Wine cannot carry `fetch`.
    if (process.env.WINEPREFIX !== undefined) this.skip();
    const statuses: number[] = [];
    const server = createServer((_request, response) => {
      response.writeHead(statuses.shift() ?? 500).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const lost: unknown[] = [];
      const watched = new WatchedFetch(
        (id) => lost.push(id),
        () => Promise.resolve(),
      );
      const request = new HttpRequest(1);
      const resume = (): Promise<Response> =>
        watched.sendAs(request, () => watched.fetch(url, { method: 'GET' }));
      const failing = Array.from({ length: MAX_FAILED_RESUMPTIONS - 1 }, () => 500);
      statuses.push(...failing, 200, ...failing);
      while (statuses.length > 0) await resume();
      assert.deepEqual(lost, [], 'one that succeeded begins the count again');
      await resume();
      assert.deepEqual(lost, [1]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
