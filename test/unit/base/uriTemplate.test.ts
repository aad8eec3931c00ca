import assert from 'node:assert/strict';
import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import fc from 'fast-check';
import { matchTemplate } from '../../../src/base/uriTemplate.js';

const literalOf = (template: string, uri: string): number | undefined =>
  matchTemplate(template, uri)?.literal;

/** What one expression expands to, by RFC 6570, 3.2; values that are lists are as a list or a map would be. */
type Value = string | readonly string[] | undefined;
interface Spec {
  readonly operator: string;
  readonly variables: readonly { readonly name: string; readonly exploded: boolean; readonly value: Value }[];
}

const BEHAVIOUR: Readonly<Record<string, { first: string; between: string; named: boolean; empty: string }>> =
  {
    '': { first: '', between: ',', named: false, empty: '' },
    '+': { first: '', between: ',', named: false, empty: '' },
    '#': { first: '#', between: ',', named: false, empty: '' },
    '.': { first: '.', between: '.', named: false, empty: '' },
    '/': { first: '/', between: '/', named: false, empty: '' },
    ';': { first: ';', between: ';', named: true, empty: '' },
    '?': { first: '?', between: '&', named: true, empty: '=' },
    '&': { first: '&', between: '&', named: true, empty: '=' },
  };

const escaped = (operator: string, value: string): string =>
  operator === '+' || operator === '#'
    ? encodeURI(value)
    : encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

function expand({ operator, variables }: Spec): string {
  const rule = BEHAVIOUR[operator];
  assert.ok(rule);
  const pair = (name: string, value: string): string =>
    rule.named ? (value === '' ? `${name}${rule.empty}` : `${name}=${value}`) : value;
  const parts = variables.flatMap(({ name, exploded, value }) => {
    if (value === undefined) return [];
    if (typeof value === 'string') return [pair(name, escaped(operator, value))];
    const values = value.map((one) => escaped(operator, one));
    if (values.length === 0) return [];
    return exploded ? values.map((one) => pair(name, one)) : [pair(name, values.join(','))];
  });
  return parts.length === 0 ? '' : rule.first + parts.join(rule.between);
}

const written = ({ operator, variables }: Spec): string =>
  `{${operator}${variables.map(({ name, exploded }) => name + (exploded ? '*' : '')).join(',')}}`;

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const value: fc.Arbitrary<Value> = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
const spec = (operators: readonly string[], of: fc.Arbitrary<Value>): fc.Arbitrary<Spec> =>
  fc.record({
    operator: fc.constantFrom(...operators),
    variables: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'user-id', 'q_1'), exploded: fc.boolean(), value: of }),
      { minLength: 1, maxLength: 3, selector: ({ name }) => name },
    ),
  });
const anySpec = fc.oneof(
  spec(['', '+'], value),
  spec(['#', '.', '/', ';', '?', '&'], fc.oneof(value, fc.constantFrom(undefined, ''))),
);
const literal = fc.stringMatching(/^[a-z/.ä-]{0,4}$/);

describe('matchTemplate', () => {
  it('matches whatever a template expands to', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anySpec, literal), { maxLength: 5 }), (pieces) => {
        const template = `x://h/${pieces.map(([spec, after]) => written(spec) + after).join('')}`;
        const uri = `x://h/${pieces.map(([spec, after]) => expand(spec) + encodeURI(after)).join('')}`;
        assert.ok(matchTemplate(template, uri), `${template} ${uri}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('matches whatever the matcher of the SDK matches, which servers use', () => {
    const template = fc
      .array(
        fc.constantFrom('{a}', '{+a}', '{/b}', '{b*}', '{.e}', '{?q}', '{?q,r}', '{&s}', '-', '/', 'x'),
        {
          maxLength: 5,
        },
      )
      .map((parts) => `x:${parts.join('')}`);
    const uri = fc.stringMatching(/^x:[-/xa.,?&qrs=#]{0,12}$/);
    fc.assert(
      fc.property(template, uri, (template, uri) => {
        if (new UriTemplate(template).match(uri))
          assert.ok(matchTemplate(template, uri), `${template} ${uri}`);
      }),
      { numRuns: 5000 },
    );
  });

  for (const [template, uri, expected] of [
    ['file:///{path}', 'file:///a', 8],
    ['file:///{path}', 'file:///a/b', undefined],
    ['file:///{path}', 'file:///', undefined],
    ['file:///{+path}', 'file:///a/b?c#d', 8],
    ['file:///{path*}', 'file:///a,b', 8],
    ['x://{a}/end', 'x://1/end', 8],
    ['x://{a}/end', 'x://1/end/', undefined],
    ['x://{a}/end', 'y://1/end', undefined],
    ['x://a{?q,r}', 'x://a', 5],
    ['x://a{?q,r}', 'x://a?r=1&q=', 5],
    ['x://a{?q,r}', 'x://a?other=1', undefined],
    ['x://a{?q*}', 'x://a?other=1', 5],
    ['x://a?fixed=1{&q}', 'x://a?fixed=1&q=2', 13],
    ['x://a{/b,c}', 'x://a/1/2', 5],
    ['x://a{/b,c}', 'x://a/1/2/3', undefined],
    ['x://a{/b*}', 'x://a/1/2/3', 5],
    ['x://a{.ext}', 'x://a.tar.gz', 5],
    ['x://a{#part}', 'x://a#p/1', 5],
    ['x://a{;p}', 'x://a;p=1', 5],
    ['x://ä/{v}', 'x://%c3%a4/1', 11],
    ['x://plain', 'x://plain', 9],
    ['x://plain', 'x://plainer', undefined],
    // They fit everybody's.
    ['{+any}', 'x://a', 0],
    ['{scheme}://{+rest}', 'x://a', 0],
    ['x{+any}', 'x://a', 0],
    // No templates.
    ['x://{a', 'x://1', undefined],
    ['x://a}', 'x://a}', undefined],
    ['x://{}', 'x://1', undefined],
    ['x://{=a}', 'x://1', undefined],
    ['x://{{a}}', 'x://1', undefined],
  ] as const)
    it(`says for ${template} and ${uri}: ${expected ?? 'no match'}`, () => {
      assert.equal(literalOf(template, uri), expected);
    });

  it('never throws, and matches nothing that is too long or has too many variables', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (template, uri) => {
        const found = matchTemplate(template, uri);
        assert.ok(found === undefined || found.literal <= uri.length * 9);
      }),
    );
    assert.equal(literalOf('{+a}', `x:${'a'.repeat(10_000)}`), undefined);
    assert.equal(literalOf(`x:${'a'.repeat(2000)}`, `x:${'a'.repeat(2000)}`), undefined);
    assert.equal(literalOf(`x:${'{a}'.repeat(65)}`, `x:${'a'.repeat(100)}`), undefined);
  });

  it('takes no longer than its lengths say, whatever they hold', () => {
    const hostile = [
      [`x://${Array.from({ length: 25 }, (_, i) => `{v${i}}`).join('')}/end`, `x://${'a'.repeat(5000)}`],
      [`x:${'{+a}b'.repeat(60)}c`, `x:${'b'.repeat(8000)}`],
      [`x:{+a}${'b'.repeat(1000)}c`, `x:${'b'.repeat(8000)}`],
      [`x:${'{?a*}'.repeat(60)}c`, `x:${'?a=&'.repeat(2000)}`],
      [`x:${'{/a*}'.repeat(60)}c`, `x:${'/'.repeat(8000)}`],
    ] as const;
    const started = performance.now();
    for (const [template, uri] of hostile) assert.equal(literalOf(template, uri), undefined);
    // The first alone takes the SDK's matcher longer than anybody waits.
    assert.ok(performance.now() - started < 2000);
  });
});
