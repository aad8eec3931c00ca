import assert from 'node:assert/strict';
import { judgeRefusal, type Refusal } from '../../../../../src/gateway/upstream/http/httpRefusal.js';

const error = (message: string, id: unknown = 7): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } });

const cases: readonly [Refusal, number, string][] = [
  ['session-unknown', 404, 'Not Found'],
  ['session-unknown', 404, ''],
  ['session-unknown', 404, error('Session not found', null)],
  ['session-unknown', 404, error('Session not found')],
  ['session-unknown', 400, error('Bad Request: No valid session ID provided')],
  ['session-unknown', 400, error('Bad Request: No valid session ID provided', null)],
  ['session-unknown', 400, error('Bad Request: Server not initialized', null)],
  ['session-unknown', 400, 'Invalid or expired session ID'],
  ['session-unknown', 400, error('session expired', null)],
  ['answer', 400, error('Session not found')],
  ['answer', 400, error('The invalid session ID of the customer was refused')],
  ['answer', 404, error('There is no such customer')],
  ['answer', 500, error('Invalid session ID')],
  ['answer', 429, error('Slow down')],
  ['failed', 400, error('Parse error', null)],
  ['failed', 400, error('Parse error', 8)],
  ['failed', 400, 'no'],
  ['failed', 400, '{"session":"x"}'],
  ['failed', 401, error('Unauthorized')],
  ['failed', 403, error('Forbidden')],
  ['failed', 500, 'session not found'],
];

describe('The refusal of a request over HTTP', () => {
  for (const [refusal, status, body] of cases)
    it(`${status} ${body} is "${refusal}"`, () => {
      assert.equal(judgeRefusal(status, body, 7), refusal);
    });
});
