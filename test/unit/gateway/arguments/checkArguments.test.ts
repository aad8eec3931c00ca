import assert from 'node:assert/strict';
import Ajv from 'ajv';
import fc from 'fast-check';
import { compileCheck } from '../../../../src/gateway/arguments/checkArguments.js';
import type { JsonSchema } from '../../../../src/gateway/model/catalog.js';

const checkArguments = (schema: JsonSchema, args: unknown): readonly string[] => compileCheck(schema)(args);

const properties = (of: Record<string, unknown>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties: of,
  ...more,
});

describe('checkArguments', () => {
  it('is content with arguments that fit', () => {
    const schema = properties({ message: { type: 'string' } }, { required: ['message'] });
    assert.deepEqual(checkArguments(schema, { message: 'hi', more: 1 }), []);
    assert.deepEqual(checkArguments({}, { anything: 1 }), []);
    assert.deepEqual(checkArguments({ type: 'object' }, undefined), []);
  });

  const cases: readonly [what: string, schema: JsonSchema, args: unknown, sentences: readonly string[]][] = [
    ['missing', properties({}, { required: ['message'] }), {}, ['"message" is required']],
    ['no arguments at all', properties({}, { required: ['message'] }), undefined, ['"message" is required']],
    ['wrong type', properties({ a: { type: 'number' } }), { a: 'x' }, ['"a" must be number']],
    [
      'wrong types',
      properties({ a: { type: ['number', 'null'] } }),
      { a: 'x' },
      ['"a" must be number or null'],
    ],
    ['not whole', properties({ a: { type: 'integer' } }), { a: 1.5 }, ['"a" must be integer']],
    ['no object', { type: 'object' }, [], ['the arguments must be object']],
    ['null', { type: 'object' }, null, ['the arguments must be object']],
    [
      'deep',
      properties({
        a: { type: 'array', items: properties({ 'b/c~': { type: 'string' } }, { required: ['d'] }) },
      }),
      { a: [{ d: 1 }, { 'b/c~': 1 }] },
      ['"a[1].d" is required', '"a[1].b/c~" must be string'],
    ],
    ['unknown', properties({}, { additionalProperties: false }), { x: 1 }, ['"x" is not allowed']],
    ['choice', properties({ a: { enum: ['x', 1] } }), { a: 'y' }, ['"a" must be one of "x",1']],
    ['constant', properties({ a: { const: 'x' } }), { a: 'y' }, ['"a" must be "x"']],
    ['too small', properties({ a: { minimum: 2.5 } }), { a: 1 }, ['"a" must be at least 2.5']],
    ['too large', properties({ a: { maximum: 2 } }), { a: 3 }, ['"a" must be at most 2']],
    ['not above', properties({ a: { exclusiveMinimum: 2 } }), { a: 2 }, ['"a" must be more than 2']],
    ['not below', properties({ a: { exclusiveMaximum: 2 } }), { a: 2 }, ['"a" must be less than 2']],
    ['no multiple', properties({ a: { multipleOf: 2 } }), { a: 3 }, ['"a" must be a multiple of 2']],
    ['too short', properties({ a: { minLength: 2 } }), { a: 'x' }, ['"a" must have at least 2 characters']],
    ['too long', properties({ a: { maxLength: 2 } }), { a: 'xxx' }, ['"a" must have at most 2 characters']],
    ['too few', properties({ a: { minItems: 2 } }), { a: [1] }, ['"a" must have at least 2 items']],
    ['too many', properties({ a: { maxItems: 1 } }), { a: [1, 2] }, ['"a" must have at most 1 items']],
    ['too bare', { minProperties: 1 }, {}, ['the arguments must have at least 1 properties']],
    ['too full', { maxProperties: 1 }, { a: 1, b: 1 }, ['the arguments must have at most 1 properties']],
    [
      'twice',
      properties({ a: { uniqueItems: true } }),
      { a: [1, 1] },
      ['"a" must not have the same item twice'],
    ],
    [
      'pattern',
      properties({ a: { pattern: '^x' } }),
      { a: 'y' },
      ['"a" does not match the pattern in the tool\'s schema'],
    ],
    [
      'optional',
      properties({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
      { a: 1 },
      ['"a" must be string or null'],
    ],
    [
      'none of several',
      properties({ a: { anyOf: [{ type: 'string' }, properties({ b: {} }, { required: ['b'] })] } }),
      { a: {} },
      ['"a" matches none of the alternatives in the tool\'s schema'],
    ],
    [
      'more than one of several',
      properties({ a: { oneOf: [{ type: 'number' }, { type: 'integer' }] } }),
      { a: 1 },
      ['"a" must match exactly one of the alternatives in the tool\'s schema'],
    ],
    [
      'several items',
      properties({ a: { items: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }),
      { a: [1, 'x', 2] },
      ['"a[0]" must be string or null', '"a[2]" must be string or null'],
    ],
    [
      'not',
      properties({ a: { not: { type: 'string' } } }),
      { a: 'x' },
      ['"a" is what the tool\'s schema rules out'],
    ],
    [
      'by reference',
      { ...properties({ a: { $ref: '#/$defs/A' } }), $defs: { A: { type: 'string' } } },
      { a: 1 },
      ['"a" must be string'],
    ],
    ['if and then', { if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 }, ['"b" is required']],
    ['depends', { dependentRequired: { a: ['b'] } }, { a: 1 }, ['"b" is required beside what is given']],
    [
      'a property named like a keyword',
      properties({ format: { type: 'string' }, required: { type: 'string' }, type: { type: 'string' } }),
      { format: 1, type: 'x', required: 'x' },
      ['"format" must be string'],
    ],
  ];
  for (const [what, schema, args, expected] of cases)
    it(`says in words: ${what}`, () => {
      assert.deepEqual(checkArguments(schema, args), expected);
    });

  it('says at most five things', () => {
    const required = Array.from({ length: 50 }, (_, i) => `p${i}`);
    assert.equal(checkArguments({ required }, {}).length, 5);
  });

  it('shortens what is long', () => {
    const [choice = ''] = checkArguments(properties({ a: { enum: ['x'.repeat(10_000)] } }), { a: 1 });
    assert.ok(choice.length < 300);
    const [missing = ''] = checkArguments({ required: ['x'.repeat(10_000)] }, {});
    assert.ok(missing.length < 300);
  });

  it('follows the draft that the schema names, 2020-12 where it names none', () => {
    const tuple = { items: [{ type: 'string' }], additionalItems: false };
    const draft = (name: string): JsonSchema => ({
      $schema: `http://json-schema.org/${name}`,
      ...properties({ a: tuple }),
    });
    assert.deepEqual(checkArguments(draft('draft-07/schema#'), { a: ['x', 1] }), ['"a[1]" is not allowed']);
    const four = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      ...properties({ a: { minimum: 1, exclusiveMinimum: true } }),
    };
    assert.deepEqual(checkArguments(four, { a: 1 }), ['"a" must be at least 1']);
    const latest = properties({ a: { prefixItems: [{ type: 'string' }] } });
    assert.deepEqual(checkArguments(latest, { a: [1] }), ['"a[0]" must be string']);
    const beside = {
      ...properties({ a: { $ref: '#/$defs/A', minLength: 2 } }),
      $defs: { A: { type: 'string' } },
    };
    assert.deepEqual(checkArguments(beside, { a: 'x' }), ['"a" must have at least 2 characters']);
    assert.deepEqual(checkArguments({ ...draft('draft-07/schema'), ...beside }, { a: 'x' }), []);
    const named = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...latest };
    assert.deepEqual(checkArguments(named, { a: [1] }), ['"a[0]" must be string']);
  });

  it('takes format for the annotation that it is', () => {
    assert.deepEqual(
      checkArguments(properties({ a: { anyOf: [{ type: 'string', format: 'ipv4' }, { type: 'null' }] } }), {
        a: 'x',
      }),
      [],
    );
  });

  const circle: Record<string, unknown> = { type: 'object' };
  circle.properties = { self: circle };
  const unusable: readonly [what: string, schema: JsonSchema][] = [
    ['of another dialect', { $schema: 'http://example.com/mine', required: ['a'] }],
    ['with a type that there is not', properties({ a: { type: 'str' } }, { required: ['a'] })],
    ['with a pattern that is none', properties({ a: { pattern: '(' } }, { required: ['a'] })],
    [
      'with required as in draft 3',
      properties({ a: { type: 'string', required: true } }, { required: ['a'] }),
    ],
    ['with required as a text', { required: 'a' }],
    ['with properties as a list', { properties: [], required: ['a'] }],
    [
      'with exclusiveMinimum as in draft 4',
      properties({ a: { exclusiveMinimum: true } }, { required: ['a'] }),
    ],
    ['with a reference to nowhere', properties({ a: { $ref: '#/$defs/None' } })],
    ['with a reference to elsewhere', properties({ a: { $ref: 'https://example.com/schema.json' } })],
    ['with a reference to itself', { $ref: '#' }],
    ['with an id that is no URL', { $id: 'http://[', required: ['a'] }],
    ['that is no tree', circle],
    ['that is huge', { required: ['a'], description: 'x'.repeat(600_000) }],
    [
      'that is deep',
      Array.from({ length: 200 }).reduce<JsonSchema>((inner) => ({ not: inner, required: ['a'] }), {}),
    ],
  ];
  for (const [what, schema] of unusable)
    it(`leaves it to the server to judge by a schema ${what}`, () => {
      assert.deepEqual(checkArguments(schema, { a: 'x' }), []);
      assert.deepEqual(checkArguments(schema, {}), []);
    });

  it('leaves the schema as it is, frozen or not', () => {
    const schema = properties({ a: Object.freeze({ type: 'string', format: 'uri' }) });
    const before = JSON.stringify(schema);
    checkArguments(Object.freeze(schema), { a: 1 });
    assert.equal(JSON.stringify(schema), before);
    assert.deepEqual(Reflect.ownKeys(schema), ['type', 'properties']);
  });

  it('finds what a keyword wants through references, whatever properties are called', () => {
    const schema = {
      properties: {
        $ref: { $ref: '#/$defs/a~1b%25' },
        'c d': { $ref: '#/$defs/list' },
        dependantRequired: { dependentRequired: { 'x/y': ['z"'] } },
      },
      $defs: {
        'a/b%': { type: ['integer', 'null'] },
        list: { items: { $ref: '#/$defs/choice' } },
        choice: { enum: ['", "', '].'] },
      },
    };
    assert.deepEqual(checkArguments(schema, { $ref: 'x', 'c d': [1], dependantRequired: { 'x/y': 1 } }), [
      '"$ref" must be integer or null',
      '"c d[0]" must be one of "\\", \\"","]."',
      '"dependantRequired.z"" is required beside what is given',
    ]);
  });

  const leaf = fc.constantFrom<JsonSchema>(
    { type: 'string' },
    { type: 'integer' },
    { type: ['number', 'null'] },
    { type: 'boolean' },
    { enum: ['one', 2] },
    { const: 'only' },
    { minimum: 5, maximum: 7 },
    { minLength: 3, maxLength: 4 },
    { multipleOf: 3 },
    { pattern: '^q' },
    { anyOf: [{ type: 'null' }, { minLength: 9 }] },
    { oneOf: [{ type: 'number' }, { minimum: 1 }] },
    { type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true },
    { not: { type: 'string' } },
  );
  const someSchema: fc.Arbitrary<JsonSchema> = fc.record({
    type: fc.constant('object'),
    properties: fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(
        leaf,
        fc.record({
          type: fc.constant('object'),
          properties: fc.dictionary(fc.constantFrom('x', 'y'), leaf),
        }),
      ),
    ),
    required: fc.uniqueArray(fc.constantFrom('a', 'b', 'z'), { maxLength: 2 }),
    additionalProperties: fc.boolean(),
  });
  // Marked, so that a value is recognised wherever it turns up.
  const value = fc.oneof(
    fc.constantFrom('secret-7731', 'q-secret-7731', 773_177, 773.177, -773_177, true, null),
    fc.array(fc.constantFrom('secret-7731', 773_177), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', 'y', 'w'), fc.constantFrom('secret-7731', 773_177, null)),
  );
  const someArguments = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value);

  it('agrees with another validator on what fits, and never shows a value', () => {
    const ajv = new Ajv({ strict: false });
    fc.assert(
      fc.property(someSchema, someArguments, (schema, args) => {
        const found = checkArguments(schema, args);
        assert.equal(found.length === 0, ajv.validate(schema, args), found.join('; '));
        assert.ok(found.length <= 5);
        for (const sentence of found) {
          assert.doesNotMatch(sentence, /7731|773\.177/);
          assert.doesNotMatch(sentence, /undefined|""| {2}/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
