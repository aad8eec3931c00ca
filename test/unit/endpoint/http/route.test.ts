import assert from 'node:assert/strict';
import fc from 'fast-check';
import { route, targetKey } from '../../../../src/endpoint/http/route.js';

describe('route', () => {
  it('finds every server by its id, whatever is in it, but for dots that stand for folders', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.webQueryParameters(), (server, query) => {
        const expected = /^\.{1,2}$/.test(server) ? undefined : { kind: 'server', server };
        const path = `/mcp/${encodeURIComponent(server)}`;
        assert.deepEqual(route(path), expected);
        assert.deepEqual(route(`${path}?${query}`), expected);
      }),
    );
    assert.deepEqual(route('/mcp'), { kind: 'all' });
    assert.deepEqual(route('/mcp?x=/mcp/y'), { kind: 'all' });
  });

  it('finds nothing else, and never fails', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(\/|%2f|%2e|\.|mcp|MCP|\\|%|%zz|a|\?|#|:){0,8}$/), (url) => {
        const [path = ''] = url.split(/[?#]/);
        const target = route(url);
        if (target?.kind === 'all') assert.equal(path, '/mcp');
        if (target?.kind === 'server') assert.match(path, /^\/mcp\/[^/]+$/);
      }),
    );
    for (const url of [
      '',
      '*',
      '/',
      '/mcp/',
      '/mcpx',
      '/MCP',
      '//mcp',
      '/mcp//a',
      '/mcp/a/',
      '/mcp/..',
      '/mcp/%',
    ])
      assert.equal(route(url), undefined, url);
  });

  it('tells targets apart', () => {
    const all = targetKey({ kind: 'all' });
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const keys = [one, other].map((server) => targetKey({ kind: 'server', server }));
        assert.ok(!keys.includes(all));
        assert.equal(keys[0] === keys[1], one === other);
      }),
    );
  });
});
