import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { manifestConfiguration, settingsSchema } from '../src/gateway/config/manifest.js';

interface Manifest {
  contributes: { configuration: { properties: Record<string, unknown> } };
}

describe('package.json', () => {
  it('has the settings schema that `scripts/manifest.ts` writes', async () => {
    const manifest = JSON.parse(await readFile(join(__dirname, '..', 'package.json'), 'utf8')) as Manifest;
    assert.deepEqual(
      manifest.contributes.configuration.properties,
      JSON.parse(JSON.stringify(manifestConfiguration())),
      'run `npx tsx scripts/manifest.ts`',
    );
  });
});

describe('the schema of mcpGateway.servers', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const validate = ajv.compile(settingsSchema());

  const good: Record<string, unknown> = {
    nothing: {},
    'a program': { a: { command: 'npx', args: ['-y', 'x'], env: { A: 'x', B: 1, C: true, D: null } } },
    'a URL': { a: { type: 'http', url: 'https://example.com/mcp', headers: { A: 'b' } } },
    'a URL out of a variable': { a: { url: '${env:URL}' } },
    "fields of VS Code's mcp.json": {
      a: { command: 'x', gallery: true, version: '1', dev: {}, sandboxEnabled: false },
    },
    'filters and timeouts': {
      a: { command: 'x', tools: { include: ['*'], exclude: ['b'] }, timeouts: { connectMs: 1, callMs: 2 } },
    },
    'every timeout and a concurrency': {
      a: {
        command: 'x',
        timeouts: { connectMs: 1, callMs: 2, listMs: 3, drainMs: 600_000 },
        maxConcurrency: 1000,
      },
    },
  };
  for (const [what, value] of Object.entries(good)) {
    it(`takes ${what}`, () => {
      assert.equal(validate(value), true, JSON.stringify(validate.errors));
    });
  }

  const bad: Record<string, unknown> = {
    'a server without command and url': { a: { type: 'stdio' } },
    'a wrong type': { a: { command: 1 } },
    'an unknown transport': { a: { type: 'websocket', url: 'https://example.com' } },
    'an unknown field': { a: { command: 'x', comand: 'y' } },
    'an unknown field of a group': { a: { command: 'x', timeouts: { call: 1 } } },
    'an empty id': { '': { command: 'x' } },
    'a timeout of nothing': { a: { command: 'x', timeouts: { callMs: 0 } } },
    'a drain of more than ten minutes': { a: { command: 'x', timeouts: { drainMs: 600_001 } } },
    'no concurrency': { a: { command: 'x', maxConcurrency: 0 } },
    'an address of another kind': { a: { url: 'ftp://example.com' } },
    'a list': [],
  };
  for (const [what, value] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      assert.equal(validate(value), false);
    });
  }

  it('describes every setting and every field of a server', () => {
    const described = (schema: unknown): boolean =>
      typeof schema === 'object' &&
      schema !== null &&
      ('description' in schema || 'markdownDescription' in schema);
    const server = settingsSchema()['additionalProperties'] as { properties: Record<string, unknown> };
    for (const [name, schema] of Object.entries({ ...manifestConfiguration(), ...server.properties }))
      assert.ok(described(schema), `${name} has no description`);
  });
});
