import assert from 'node:assert/strict';
import { modelErrorSentence } from '../../../../../src/vscode/chat/turn/modelErrors.js';

const coded = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

describe('modelErrorSentence', () => {
  it('says what happened and what to do', () => {
    assert.match(modelErrorSentence(coded('NoPermissions', 'x')), /may not use this model\. .*allow it/);
    assert.match(modelErrorSentence(coded('NotFound', 'x')), /not available any more\. Choose another/);
    assert.match(
      modelErrorSentence(coded('Blocked', 'Quota used up')),
      /now: Quota used up\. Try again later/,
    );
    assert.match(modelErrorSentence(new Error('500 oops')), /^The model failed: 500 oops\. Try again/);
    assert.match(modelErrorSentence('text'), /failed: text\./);
  });

  it("gives the cause's words where VS Code wrapped it", () => {
    assert.match(
      modelErrorSentence(coded('Unknown', 'wrapped', new Error('rate limited.'))),
      /failed: rate limited\. Try/,
    );
  });

  it('is bounded', () => {
    assert.ok(modelErrorSentence(new Error('x'.repeat(10_000))).length < 700);
  });
});
