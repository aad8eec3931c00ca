import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isMoreThan, togetherCapable } from '../../../../src/gateway/clients/clientCapabilities.js';

describe('What clients can do together', () => {
  for (const [what, all, together] of [
    ['is nothing without clients', [], {}],
    ['is nothing of clients that can do nothing', [{}, { tasks: {}, experimental: { x: {} } }], {}],
    [
      'has roots with changes, whatever a client says of changes',
      [{ roots: {} }],
      { roots: { listChanged: true } },
    ],
    [
      'has forms for a client that says no more than elicitation',
      [{ elicitation: {} }],
      { elicitation: { form: {} } },
    ],
    [
      'has no forms for one that opens addresses only',
      [{ elicitation: { url: {} } }],
      { elicitation: { url: {} } },
    ],
    [
      'is the sum of what each can do',
      [{ sampling: {} }, { sampling: { tools: {} }, elicitation: { url: {} } }, { elicitation: {} }],
      { sampling: { tools: {} }, elicitation: { form: {}, url: {} } },
    ],
    ['takes no word for what is no object', [{ sampling: true, roots: [], elicitation: null }], {}],
  ] as const)
    it(what, () => {
      assert.deepEqual(togetherCapable(all), together);
    });

  const part = fc.option(fc.constant({}), { nil: undefined });
  const capabilities = fc.record({
    roots: part,
    sampling: fc.option(fc.record({ context: part, tools: part }), { nil: undefined }),
    elicitation: fc.option(fc.record({ form: part, url: part }), { nil: undefined }),
  });

  it('is more than what was told exactly when one more client adds something to it', () => {
    fc.assert(
      fc.property(fc.array(capabilities, { maxLength: 3 }), capabilities, (before, more) => {
        const told = togetherCapable(before);
        const now = togetherCapable([...before, more]);
        assert.equal(isMoreThan(told, now), false, 'a client takes nothing away');
        assert.equal(isMoreThan(now, told), JSON.stringify(now) !== JSON.stringify(told));
      }),
    );
  });
});
