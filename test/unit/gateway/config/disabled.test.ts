import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDisabled, withEnabled } from '../../../../src/gateway/config/disabled.js';

describe('withEnabled', () => {
  const cases: [string, object, boolean, object][] = [
    ['enables what is disabled', { command: 'x', disabled: true }, true, { command: 'x' }],
    ['enables what other clients wrote', { enabled: false, command: 'x' }, true, { command: 'x' }],
    ['enables what is disabled twice', { enabled: false, disabled: true }, true, {}],
    ['keeps "enabled": true', { enabled: true, disabled: true }, true, { enabled: true }],
    ['disables', { command: 'x' }, false, { command: 'x', disabled: true }],
    ['disables what says false', { disabled: false }, false, { disabled: true }],
  ];
  for (const [what, before, enabled, after] of cases)
    it(what, () => {
      const other = { disabled: true, command: 'y' };
      const servers = { other, a: before };
      assert.deepEqual(withEnabled(servers, 'a', enabled), { other, a: after });
      assert.deepEqual(servers, { other, a: before }, 'settings are not changed in place');
    });

  it('has nothing to change where there is no such entry', () => {
    for (const servers of [undefined, null, [], 'x', {}, { b: {} }, { a: 7 }, { a: null }])
      assert.equal(withEnabled(servers, 'a', true), undefined);
    assert.equal(withEnabled({}, 'toString', true), undefined);
  });

  it('does what it says to every entry', () => {
    const flag = fc.option(fc.anything(), { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({ disabled: flag, enabled: flag, command: fc.string() }),
        fc.boolean(),
        (entry, on) => {
          const { a } = withEnabled({ a: entry }, 'a', on) as { a: { command: string } };
          assert.equal(isDisabled(a), !on);
          assert.equal(a.command, entry.command);
        },
      ),
    );
  });
});
