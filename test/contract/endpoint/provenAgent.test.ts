import assert from 'node:assert/strict';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { PROOF_MS } from '../../../src/connect/dial.js';
import { ProvenAgent } from '../../../src/connect/provenAgent.js';
import { UnprovenError, type Place } from '../../../src/connect/place.js';
import { testDoor, TOKEN } from '../../support/door.js';
import { until } from '../../support/gateway.js';
import { squat } from '../../support/squatter.js';

const MAX_SOCKETS = 8;

describe('connections with a gateway that has to prove itself', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const agentFor = (place: Place): ProvenAgent => {
    const agent = new ProvenAgent(place, () => PROOF_MS, { maxSockets: MAX_SOCKETS });
    cleanups.push(() => {
      agent.destroy();
      return Promise.resolve();
    });
    return agent;
  };
  const place = (port: number, token = TOKEN): Place => ({ url: `http://127.0.0.1:${port}/mcp`, token });

  /** @returns the status of a request that shows the token */
  async function get(agent: ProvenAgent, { url, token }: Place): Promise<number> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      request(url, { agent, headers }, resolve).on('error', reject).end();
    });
    await text(response);
    return response.statusCode ?? 0;
  }

  it('are used again, and never more than agreed, also while they are made', async () => {
    const { port } = await testDoor(cleanups);
    const agent = agentFor(place(port));
    const proved: unknown[] = [];
    const connect = agent.connect.bind(agent);
    agent.connect = async () => {
      const socket = await connect();
      proved.push(socket.localPort);
      return socket;
    };
    const statuses = await Promise.all(Array.from({ length: 200 }, () => get(agent, place(port))));
    // It lacks a session, which only who has shown the token is told.
    assert.deepEqual([...new Set(statuses)], [400]);
    assert.ok(proved.length <= MAX_SOCKETS && new Set(proved).size === proved.length, `${proved.length}`);
    await get(agent, place(port));
    assert.ok(proved.length <= MAX_SOCKETS);
  });

  it('prove themselves each: a port that changes hands gets no token', async () => {
    const { port, door } = await testDoor(cleanups);
    const agent = agentFor(place(port));
    assert.equal(await get(agent, place(port)), 400);
    await door.dispose();
    const squatter = await squat(cleanups, {
      at: port,
      says: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
    });
    // The end of the old connection may not have been noticed yet.
    await until(async () => {
      const outcome = await get(agent, place(port)).catch((error: unknown) => error);
      return outcome instanceof UnprovenError;
    }, 'a new connection is made, which proves nothing');
    assert.match(squatter.received(), /^POST \/proof/);
    assert.ok(!squatter.received().includes(TOKEN));
  });

  it('are none with a gateway that has another token', async () => {
    const { port } = await testDoor(cleanups);
    const other = place(port, 'another-token');
    await assert.rejects(get(agentFor(other), other), { name: 'UnprovenError', kind: 'wrong' });
  });

  it('are given up when the agent is, and after their time', async () => {
    const squatter = await squat(cleanups);
    const agent = agentFor(place(squatter.port));
    const waiting = get(agent, place(squatter.port));
    agent.destroy();
    await assert.rejects(waiting);
    const slow = place(squatter.port);
    await assert.rejects(get(new ProvenAgent(slow, () => 100), slow), { kind: 'silent' });
  });
});
