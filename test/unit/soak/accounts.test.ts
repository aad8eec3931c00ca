import assert from 'node:assert/strict';
import { Accounts, type Ending } from '../../soak/accounts.js';

describe("The soak's accounts", () => {
  /** One call of each kind of end, run so many times by its server. */
  const after = (ending: Ending | undefined, times: number, by = 'a'): ReturnType<Accounts['audit']> => {
    const accounts = new Accounts();
    const nonce = accounts.issue('a');
    if (ending) accounts.settle(nonce, ending);
    for (let time = 0; time < times; time++) accounts.executed(by, nonce);
    return accounts.audit();
  };

  for (const [ending, times, right] of [
    ['answered', 0, false],
    ['answered', 1, true],
    ['answered', 2, false],
    ['not-executed', 0, true],
    ['not-executed', 1, false],
    ['unknown', 0, true],
    ['unknown', 1, true],
    ['unknown', 2, false],
    [undefined, 0, false],
    [undefined, 1, false],
  ] as const)
    it(`${ending ?? 'never ended'}, run ${times} times: ${right ? 'adds up' : 'does not add up'}`, () => {
      const { wrong, problems, calls, executions } = after(ending, times);
      assert.equal(wrong, right ? 0 : 1);
      assert.deepEqual([calls, executions], [1, times]);
      if (!right) assert.match(problems[0]!, new RegExp(`^n0 to a: ${ending ?? 'open'} .*${times} times`));
    });

  it('tells a run by another server than the one that was asked, and one that nobody asked for', () => {
    assert.match(after('answered', 1, 'b').problems[0]!, /b ran n0, which was meant for a/);
    const accounts = new Accounts();
    accounts.issue('a');
    for (const nonce of ['n1', 'n-1', 'x0', '', 'n0x', '0']) accounts.executed('a', nonce);
    assert.match(accounts.audit().problems[0]!, /a ran "n1", which nobody asked for/);
    // The call itself never ended.
    assert.equal(accounts.audit().wrong, 7);
  });

  it('tells a call that ends twice', () => {
    const accounts = new Accounts();
    const nonce = accounts.issue('a');
    accounts.settle(nonce, 'unknown');
    accounts.settle(nonce, 'answered');
    accounts.settle('n7', 'answered');
    assert.deepEqual(accounts.audit().problems, [
      'n0 ended a second time, as answered',
      'n7 ended a second time, as answered',
    ]);
    assert.equal(accounts.open, 0);
  });

  it('keeps the books of many calls, and shows the first few problems of many', () => {
    const accounts = new Accounts();
    const endings: readonly Ending[] = ['answered', 'not-executed', 'unknown'];
    const nonces = Array.from({ length: 30_000 }, (_, index) => accounts.issue(`s${index % 40}`));
    assert.equal(accounts.open, 30_000);
    for (const [index, nonce] of nonces.entries()) {
      accounts.settle(nonce, endings[index % 3]!);
      if (index % 3 === 0 || index % 6 === 2) accounts.executed(`s${index % 40}`, nonce);
    }
    const { problems, ...counts } = accounts.audit();
    assert.deepEqual(problems, []);
    assert.deepEqual(counts, {
      calls: 30_000,
      answered: 10_000,
      notExecuted: 10_000,
      unknown: 10_000,
      unknownThatRan: 5_000,
      executions: 15_000,
      wrong: 0,
    });
    for (const [index, nonce] of nonces.entries()) accounts.executed(`s${index % 40}`, nonce);
    assert.equal(accounts.audit().problems.length, 10);
    assert.equal(accounts.audit().wrong, 25_000);
  });
});
