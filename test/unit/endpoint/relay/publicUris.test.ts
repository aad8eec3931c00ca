import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CatalogChange } from '../../../../src/gateway/api.js';
import { markedUri, readMarkedUri } from '../../../../src/endpoint/relay/markedUri.js';
import { PublicUris } from '../../../../src/endpoint/relay/publicUris.js';
import { Emitter } from '../../../../src/base/event.js';

type Servers = Readonly<
  Record<string, { readonly uris?: readonly string[]; readonly templates?: readonly string[] }>
>;

/** The public URIs of these servers, which can become others. */
function publicUris(servers: Servers): PublicUris & { change: (next: Servers) => void } {
  const changes = new Emitter<CatalogChange>();
  let now = servers;
  const uris = new PublicUris({
    onDidChangeCatalog: changes.event,
    knownResources: () =>
      Object.entries(now).map(([server, { uris: own = [], templates = [] }]) => ({
        resources: own.map((uri) => ({ server, resource: { uri, name: 'r' } })),
        resourceTemplates: templates.map((uriTemplate) => ({
          server,
          resourceTemplate: { uriTemplate, name: 't' },
        })),
      })),
  });
  return Object.assign(uris, {
    change: (next: Servers) => {
      now = next;
      changes.fire({ server: 'any', kinds: ['resources'] });
    },
  });
}

describe('A URI with the name of its server', () => {
  it('keeps what it is, and gives back both, whatever they are', () => {
    assert.equal(markedUri('ui://a/b?c', 'my files'), 'ui://a/b?c#mcp-server=my%20files');
    assert.equal(markedUri('ui://a#b', 'c'), 'ui://a#b&mcp-server=c');
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('a#b', 'a#mcp-server=b', '&mcp-server=', '%', '#'),
    );
    fc.assert(
      fc.property(text, text, (uri, server) => {
        const marked = markedUri(uri, server);
        assert.deepEqual(readMarkedUri(marked), { uri, server });
        assert.ok(marked.startsWith(uri));
      }),
    );
  });

  it('is told from one without', () => {
    for (const uri of [
      '',
      'a',
      'a#b',
      'a#mcp-server=b#c',
      'a?mcp-server=b',
      'a#mcp-server=%',
      'mcp-server=a',
    ])
      assert.equal(readMarkedUri(uri), undefined, uri);
  });
});

describe('The public URIs of several servers', () => {
  it('are their own, as long as nobody else has them', () => {
    const uris = publicUris({
      a: { uris: ['file:///a'], templates: ['db://{id}'] },
      b: { uris: ['web://b', 'file:///b'] },
    });
    for (const [server, uri] of [
      ['a', 'file:///a'],
      ['b', 'file:///b'],
      ['a', 'db://1'],
      ['a', 'unlisted://'],
      ['b', 'db://1'],
    ] as const)
      assert.equal(uris.ofResource(server, uri), uri);
    assert.deepEqual([uris.differ('a'), uris.differ('b'), uris.differ('unknown')], [false, false, false]);
  });

  it('name the server where two list the same, or have a template for the same', () => {
    const uris = publicUris({
      a: { uris: ['x:1', 'x:2'], templates: ['y://{id}/{+rest}', 'q://{?page}'] },
      b: { uris: ['x:1'], templates: ['y://{name}/{+path}', 'q://{?size}'] },
    });
    assert.equal(uris.ofResource('a', 'x:1'), 'x:1#mcp-server=a');
    assert.equal(uris.ofResource('b', 'x:1'), 'x:1#mcp-server=b');
    assert.equal(uris.ofResource('a', 'x:2'), 'x:2');
    assert.equal(uris.ofTemplate('a', 'y://{id}/{+rest}'), 'y://{id}/{+rest}#mcp-server=a');
    assert.equal(uris.ofTemplate('a', 'q://{?page}'), 'q://{?page}');
    assert.equal(uris.ofResource('b', 'y://1/z'), 'y://1/z#mcp-server=b');
    assert.ok(uris.differ('a') && uris.differ('b'));
  });

  it('name the server whose link another one would answer', () => {
    const uris = publicUris({ good: { templates: ['x:{id}'] }, evil: { uris: ['x:1'] } });
    assert.equal(uris.ofResource('good', 'x:1'), 'x:1#mcp-server=good');
    assert.equal(uris.ofResource('good', 'x:2'), 'x:2');
    assert.ok(uris.differ('good'));
  });

  it('cannot be forged: what looks like the name of another server gets the name of its own', () => {
    const uris = publicUris({
      evil: { uris: ['x:1#mcp-server=good'], templates: ['x:{id}#mcp-server=good'] },
    });
    assert.equal(uris.ofResource('evil', 'x:1#mcp-server=good'), 'x:1#mcp-server=good&mcp-server=evil');
    assert.equal(uris.ofTemplate('evil', 'x:{id}#mcp-server=good'), 'x:{id}#mcp-server=good&mcp-server=evil');
    assert.ok(uris.differ('evil'));
  });

  it('follow what the servers list', () => {
    const uris = publicUris({ a: { uris: ['x:1'] } });
    assert.equal(uris.ofResource('a', 'x:1'), 'x:1');
    uris.change({ a: { uris: ['x:1'] }, b: { uris: ['x:1'] } });
    assert.equal(uris.ofResource('a', 'x:1'), 'x:1#mcp-server=a');
    uris.change({ b: { uris: ['x:1'] } });
    assert.equal(uris.ofResource('b', 'x:1'), 'x:1');
  });

  it('are looked up in time that the lengths bound, whatever is listed (invariant BoundedEverything)', () => {
    const long = 'a'.repeat(100_000);
    const templates = Array.from({ length: 5000 }, (_, at) => `x:${'a'.repeat(at % 500)}${at}{${at}}`);
    const uris = publicUris({
      evil: {
        uris: [`x:${'#mcp-server='.repeat(20_000)}`],
        templates: [...templates, `{${long}**}`, '{'.repeat(100_000), `{+${',a:'.repeat(30_000)}}`],
      },
      good: { uris: ['x:1'] },
    });
    const startedAt = performance.now();
    for (let times = 0; times < 100; times++) uris.ofResource('evil', `x:${long}${times}`);
    const ms = performance.now() - startedAt;
    assert.ok(ms < 2000, `${ms} ms`);
  });

  it('are looked up as quickly where thousands of templates begin with each other', () => {
    const templates = Array.from({ length: 5000 }, (_, at) => `x:${'a'.repeat(at)}{b}`);
    const uris = publicUris({ evil: { templates }, good: { uris: ['x:a'] } });
    assert.ok(uris.differ('evil'));
    const begun = process.cpuUsage().user;
    // As many as the links in one answer.
    for (let times = 0; times < 1000; times++)
      assert.equal(uris.ofResource('evil', `x:${'a'.repeat(5000)}${times}`).includes('#'), false);
    const ms = (process.cpuUsage().user - begun) / 1000;
    assert.ok(ms < 1000, `${ms} ms`);
  });
});
