import assert from 'node:assert/strict';
import { notificationText } from '../../../src/vscode/serverText.js';

describe('notificationText', () => {
  it('holds no link, whatever a server says', () => {
    const text = notificationText('bad: [click me](command:workbench.action.terminal.new "x") [a][b]');
    assert.doesNotMatch(text, /\]\(|\[[^\]]*\]/);
    assert.match(text, /click me/);
  });

  it('is one bounded line', () => {
    const text = notificationText(`${'x'.repeat(1000)}\nsecond`);
    assert.ok(text.length <= 301 && !text.includes('\n'));
  });
});
