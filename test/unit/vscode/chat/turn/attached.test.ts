import assert from 'node:assert/strict';
import { isImplicit } from '../../../../../src/vscode/chat/turn/attached.js';

describe('what is attached to a message', () => {
  for (const id of [
    'vscode.implicit',
    'vscode.implicit.file',
    'vscode.implicit.selection',
    'vscode.implicit.viewport',
    'vscode.instructions.file.root__file:///x',
    'vscode.customizations.index',
  ])
    it(`was not attached by the user: ${id}`, () => {
      assert.equal(isImplicit({ id }), true);
    });

  for (const id of ['file:///work/a.ts', 'vscode.file', 'vscode.implicitly', 'copilot.image', ''])
    it(`was attached by the user: ${id}`, () => {
      assert.equal(isImplicit({ id }), false);
    });
});
