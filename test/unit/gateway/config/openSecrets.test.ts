import assert from 'node:assert/strict';
import { parse } from './parsing.js';

const KEY = 'q7Zp41xYw90LmN2Rt5';

describe('a secret over plain http', () => {
  const warnings = async (entry: object): Promise<readonly string[]> => {
    const { definitions, problems } = await parse({ a: entry });
    assert.equal(definitions.length, 1, 'it runs all the same');
    assert.ok(problems.every(({ severity, message }) => severity === 'warning' && !message.includes(KEY)));
    return problems.map(({ path }) => path.replace('mcpGateway.servers.a.', ''));
  };
  const open: [entry: object, fields: string[]][] = [
    [
      { url: 'http://example.com/mcp', headers: { Authorization: `Bearer ${KEY}` } },
      ['headers.Authorization'],
    ],
    [
      { url: 'http://192.168.1.2:3000/mcp', headers: { 'X-API-Key': KEY, Cookie: 'a=b' } },
      ['headers.X-API-Key', 'headers.Cookie'],
    ],
    [{ url: `http://example.com/mcp?api_key=${KEY}` }, ['url']],
    [{ url: `http://example.com/mcp?token=short` }, ['url']],
    [{ url: `http://example.com/${KEY}/mcp` }, ['url']],
    [
      { type: 'sse', url: 'http://notlocalhost/mcp', headers: { Authorization: KEY } },
      ['headers.Authorization'],
    ],
  ];
  for (const [entry, fields] of open)
    it(`is warned of: ${JSON.stringify(entry)}`, async () => {
      assert.deepEqual(await warnings(entry), fields);
    });
  const fine: object[] = [
    { url: 'https://example.com/mcp', headers: { Authorization: KEY } },
    ...['localhost', 'mcp.localhost', '127.0.0.1', '127.1.2.3', '[::1]'].map((host) => ({
      url: `http://${host}:3000/mcp?token=${KEY}`,
      headers: { Authorization: KEY },
    })),
    { url: 'http://example.com/mcp', headers: { Accept: 'text/plain', 'X-Team': 'one', Authorization: '' } },
    { url: 'http://example.com/mcp?version=1' },
  ];
  for (const entry of fine)
    it(`is not warned of: ${JSON.stringify(entry)}`, async () => {
      assert.deepEqual(await warnings(entry), []);
    });
});

describe('the names of servers', () => {
  for (const id of ['.', '..'])
    it(`are not ${id}, which no address can have`, async () => {
      const { definitions, problems } = await parse({ [id]: { command: 'x' } });
      assert.deepEqual(definitions, []);
      assert.match(
        problems[0]?.message ?? '',
        /cannot be part of an address\. Give the server another name\.$/,
      );
    });
  it('are dots among others, or three', async () => {
    const { definitions, problems } = await parse({ 'a.b': { command: 'x' }, '...': { command: 'x' } });
    assert.equal(definitions.length, 2);
    assert.deepEqual(problems, []);
  });
});
