import assert from 'node:assert/strict';
import type { Field } from '../../../../../src/vscode/answers/elicitation/fields.js';
import { hintOf, inputText } from '../../../../../src/vscode/answers/elicitation/inputText.js';

describe('what an input shows of a server', () => {
  it('has no link, no icon, nothing hidden and one line', () => {
    const text = '[click](command:x)\n$(trash)\u202e  end';
    assert.equal(inputText(text, 100), ' click (command:x) $ (trash)\\u202e end');
  });

  it('is bounded, and says what may be left out', () => {
    const field = { kind: 'text', title: 't'.repeat(1000), description: 'd'.repeat(1000), required: false };
    const hint = hintOf(field as unknown as Field, 'm'.repeat(1000));
    assert.ok(hint.length < 600, String(hint.length));
    assert.match(hint, /^t+… \(optional\): d+… \(m+…\)$/);
  });
});
