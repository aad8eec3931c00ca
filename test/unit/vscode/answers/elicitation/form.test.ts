import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ClientError } from '../../../../../src/gateway/model/client.js';
import { addressOf } from '../../../../../src/vscode/answers/elicitation/address.js';
import { checkTicked, checkTyped } from '../../../../../src/vscode/answers/elicitation/check.js';
import {
  fieldsOf,
  type ChoicesField,
  type Field,
  type FieldValue,
  type NumberField,
  type TextField,
} from '../../../../../src/vscode/answers/elicitation/fields.js';
import { walkForm, type Step, type StepAnswer } from '../../../../../src/vscode/answers/elicitation/walk.js';

const form = (properties: object, ...required: string[]): readonly Field[] =>
  fieldsOf({ type: 'object', properties, required });

const isClientError = (error: unknown): boolean => error instanceof ClientError && error.code === -32602;

describe('the fields of a form', () => {
  it('are those of the schema, in its order, with what is needed and what is meant by default', () => {
    const fields = form(
      {
        name: { type: 'string', title: 'Name', description: 'Yours', minLength: 2, default: 'Ann' },
        age: { type: 'integer', minimum: 0, maximum: 150, default: 30 },
        score: { type: 'number' },
        agree: { type: 'boolean', default: false },
      },
      'name',
    );
    assert.deepEqual(
      fields.map(({ name, title, kind, required, fallback }) => [name, title, kind, required, fallback]),
      [
        ['name', 'Name', 'text', true, 'Ann'],
        ['age', 'age', 'number', false, 30],
        ['score', 'score', 'number', false, undefined],
        ['agree', 'agree', 'boolean', false, false],
      ],
    );
  });

  const ways: Record<string, [object, readonly [string, string][]]> = {
    enum: [
      { type: 'string', enum: ['a', 'b'] },
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    ],
    'enum with names': [
      { type: 'string', enum: ['a', 'b'], enumNames: ['Alpha'] },
      [
        ['a', 'Alpha'],
        ['b', 'b'],
      ],
    ],
    'titled constants': [{ type: 'string', oneOf: [{ const: 'a', title: 'Alpha' }] }, [['a', 'Alpha']]],
    'a list of an enum': [{ type: 'array', items: { type: 'string', enum: ['a'] } }, [['a', 'a']]],
    'a list of titled constants': [
      { type: 'array', items: { anyOf: [{ const: 'a', title: 'Alpha' }] } },
      [['a', 'Alpha']],
    ],
  };
  for (const [what, [schema, options]] of Object.entries(ways))
    it(`offer the options of ${what}`, () => {
      const [field] = form({ x: schema });
      assert.ok(field && 'options' in field);
      assert.deepEqual(
        field.options.map(({ value, label }) => [value, label]),
        options,
      );
      assert.equal(field.kind, 'items' in schema ? 'choices' : 'choice');
    });

  it('take of a default only what can be chosen', () => {
    const [one, some] = form({
      one: { type: 'string', enum: ['a'], default: 'z' },
      some: { type: 'array', items: { enum: ['a', 'b'] }, default: ['z', 'b'] },
    });
    assert.deepEqual([one?.fallback, some?.fallback], [undefined, ['b']]);
  });

  const unusable: Record<string, unknown> = {
    nothing: undefined,
    'no properties': { type: 'object' },
    'a nested object': { properties: { x: { type: 'object', properties: {} } } },
    'a list of anything': { properties: { x: { type: 'array', items: { type: 'string' } } } },
    'an empty choice': { properties: { x: { type: 'string', enum: [] } } },
    'a choice of numbers': { properties: { x: { enum: [1] } } },
    'too many fields': {
      properties: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, { type: 'string' }])),
    },
  };
  for (const [what, schema] of Object.entries(unusable))
    it(`are refused for ${what}`, () => {
      assert.throws(() => fieldsOf(schema), isClientError);
    });

  it('are fields or a refusal, whatever a server sends', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (properties) => {
        try {
          assert.equal(fieldsOf({ properties }).length, Object.keys(properties).length);
        } catch (error) {
          if (!isClientError(error)) throw error;
        }
      }),
    );
  });
});

describe('what is typed into a field', () => {
  const checked = (schema: object, typed: string, required = true): unknown => {
    const [field] = form({ x: schema }, ...(required ? ['x'] : []));
    const result = checkTyped(field as TextField | NumberField, typed);
    return 'problem' in result ? result.problem : { value: result.value };
  };
  const good: [object, string, unknown][] = [
    [{ type: 'string' }, ' as it is ', ' as it is '],
    [{ type: 'string', minLength: 2, maxLength: 2 }, '😀😀', '😀😀'],
    [{ type: 'string', format: 'email' }, 'a@b.c', 'a@b.c'],
    [{ type: 'string', format: 'uri' }, 'urn:x', 'urn:x'],
    [{ type: 'string', format: 'date' }, '2024-02-29', '2024-02-29'],
    [{ type: 'string', format: 'date-time' }, '2024-02-29T23:59:59.5+02:00', '2024-02-29T23:59:59.5+02:00'],
    [{ type: 'string', format: 'something' }, 'x', 'x'],
    [{ type: 'number' }, ' -1.5e3 ', -1500],
    [{ type: 'integer', minimum: 0, maximum: 0 }, '0', 0],
    [{ type: 'integer' }, '2.0', 2],
  ];
  for (const [schema, typed, value] of good)
    it(`${JSON.stringify(schema)} takes ${JSON.stringify(typed)}`, () => {
      assert.deepEqual(checked(schema, typed), { value });
    });

  const bad: [object, string, RegExp][] = [
    [{ type: 'string', minLength: 1 }, '', /needs it/],
    [{ type: 'string', minLength: 3 }, 'ab', /at least 3.*are 2/],
    [{ type: 'string', maxLength: 1 }, '😀😀', /at most 1.*are 2/],
    [{ type: 'string', format: 'email' }, 'a b@c', /email address/],
    [{ type: 'string', format: 'uri' }, 'no address', /an address/],
    [{ type: 'string', format: 'date' }, '2023-02-29', /a date/],
    [{ type: 'string', format: 'date-time' }, '2023-02-28 12:00', /date and time/],
    [{ type: 'string', format: 'date-time' }, '2023-02-28T25:00:00Z', /date and time/],
    [{ type: 'number' }, '', /a number/],
    [{ type: 'number' }, '0x10', /a number/],
    [{ type: 'number' }, 'Infinity', /a number/],
    [{ type: 'number' }, '1e999', /a number/],
    [{ type: 'integer' }, '1.5', /whole number/],
    [{ type: 'integer', minimum: 1 }, '0', /at least 1/],
    [{ type: 'number', maximum: 1 }, '1.1', /at most 1/],
  ];
  for (const [schema, typed, problem] of bad)
    it(`${JSON.stringify(schema)} refuses ${JSON.stringify(typed)}`, () => {
      assert.match(String(checked(schema, typed)), problem);
    });

  it('leaves an optional field out when nothing is typed', () => {
    for (const type of ['string', 'number'])
      assert.deepEqual(checked({ type, minLength: 5 }, '  ', false), { value: undefined });
  });

  it('counts what is ticked', () => {
    const items = { type: 'string', enum: ['a', 'b', 'c'] };
    const [optional, required] = form(
      { o: { type: 'array', items, minItems: 2 }, r: { type: 'array', items, minItems: 1, maxItems: 2 } },
      'r',
    ) as ChoicesField[];
    assert.deepEqual(checkTicked(optional!, []), { value: undefined });
    assert.match(JSON.stringify(checkTicked(optional!, ['a'])), /at least 2; 1/);
    assert.match(JSON.stringify(checkTicked(required!, [])), /at least 1; 0/);
    assert.match(JSON.stringify(checkTicked(required!, ['a', 'b', 'c'])), /at most 2; 3/);
    assert.deepEqual(checkTicked(required!, ['a', 'c']), { value: ['a', 'c'] });
  });
});

describe('the way through a form', () => {
  const fields = form({
    a: { type: 'string', default: 'one' },
    b: { type: 'integer' },
    c: { type: 'boolean' },
  });
  const next = (value: FieldValue | undefined): StepAnswer => ({ action: 'next', value });

  async function walk(...answers: StepAnswer[]) {
    const steps: Pick<Step, 'number' | 'of' | 'given'>[] = [];
    const result = await walkForm(fields, ({ number, of, given }) => {
      steps.push({ number, of, given });
      return Promise.resolve(answers.shift()!);
    });
    assert.deepEqual(answers, [], 'no step is asked again');
    return { result, steps };
  }

  it('asks each field once, and leaves out what was left out', async () => {
    const { result, steps } = await walk(next('x'), next(undefined), next(false));
    assert.deepEqual(result, { action: 'accept', content: { a: 'x', c: false } });
    assert.deepEqual(steps, [
      { number: 1, of: 3, given: 'one' },
      { number: 2, of: 3, given: undefined },
      { number: 3, of: 3, given: undefined },
    ]);
  });

  it('goes back to what was given, and keeps what is not touched', async () => {
    const { result, steps } = await walk(
      next(undefined),
      next(2),
      { action: 'back' },
      { action: 'back' },
      { action: 'back' },
      next('y'),
      next(3),
      next(true),
    );
    assert.deepEqual(result, { action: 'accept', content: { a: 'y', b: 3, c: true } });
    assert.deepEqual(
      steps.map(({ number, given }) => [number, given]),
      [
        [1, 'one'],
        [2, undefined],
        [3, undefined],
        [2, 2],
        [1, undefined],
        [1, undefined],
        [2, 2],
        [3, undefined],
      ],
    );
  });

  for (const action of ['decline', 'cancel'] as const)
    it(`ends at ${action}, and gives nothing away`, async () => {
      assert.deepEqual((await walk(next('x'), { action })).result, { action });
    });
});

describe('an address to open', () => {
  it('is sent as it is, with its host as it is reached', () => {
    assert.deepEqual(addressOf('https://example.com/a?next=https%3A%2F%2Fx%3Fa%3D1%26b%3D2'), {
      href: 'https://example.com/a?next=https%3A%2F%2Fx%3Fa%3D1%26b%3D2',
      host: 'example.com',
    });
    assert.equal(addressOf('https://exаmple.com:8080/').host, 'xn--exmple-4nf.com:8080');
  });

  const refused = [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'command:x',
    'https://a@b.c/',
    'x',
    7,
    `https://a/${'x'.repeat(4000)}`,
  ];
  for (const url of refused)
    it(`is not ${String(url).slice(0, 30)}`, () => {
      assert.throws(() => addressOf(url), isClientError);
    });
});
