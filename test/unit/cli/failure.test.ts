import assert from 'node:assert/strict';
import { describeFailure, UsageError } from '../../../src/cli/failure.js';
import {
  invalidArguments,
  serverUnavailable,
  toolGone,
  unknownName,
} from '../../../src/gateway/model/errors.js';

describe('describeFailure', () => {
  const table: [unknown, number, RegExp][] = [
    [new UsageError('Do it otherwise.'), 2, /^Do it otherwise\.$/],
    [unknownName('tool', 'x', ['y']), 2, /"x"\. Did you mean y\? Run `list`/],
    [invalidArguments('s', 't', ['"a" is required']), 2, /"a" is required/],
    [toolGone('s', 't'), 3, /^tool-gone: s no longer offers/],
    [serverUnavailable('s', 'It is away.'), 3, /^server-unavailable: It is away\.$/],
    [new TypeError('x is undefined'), 3, /^internal: x is undefined/],
    ['text', 3, /^internal: text/],
  ];
  for (const [error, exitCode, message] of table)
    it(`answers ${exitCode} to ${String(error)}`, () => {
      const described = describeFailure(error);
      assert.equal(described.exitCode, exitCode);
      assert.match(described.message, message);
    });
});
