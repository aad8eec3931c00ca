import assert from 'node:assert/strict';
import { parseObject } from '../../../src/base/parseObject.js';

describe('parseObject', () => {
  const table: [string, Record<string, unknown> | undefined][] = [
    ['{}', {}],
    [' {"a":[1],"b":{"c":null}}\n', { a: [1], b: { c: null } }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['[]', undefined],
    ['[{"a":1}]', undefined],
    ['null', undefined],
    ['"{}"', undefined],
    ['1', undefined],
    ['true', undefined],
    ['', undefined],
    ['{"a":1', undefined],
    ['{"a":1}{}', undefined],
    ['{a:1}', undefined],
  ];
  for (const [text, expected] of table)
    it(`reads ${JSON.stringify(text)} as ${expected ? JSON.stringify(expected) : 'nothing'}`, () => {
      assert.deepEqual(parseObject(text), expected);
    });
});
