import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('@main The scripted model', () => {
  it('can be selected and answers', async () => {
    const [model] = await vscode.lm.selectChatModels({ vendor: 'scripted' });
    assert.equal(model?.id, 'scripted-1');

    const prompt = vscode.LanguageModelChatMessage.User('Hello');
    const response = await model.sendRequest([prompt], {}, new vscode.CancellationTokenSource().token);
    let text = '';
    for await (const piece of response.text) text += piece;
    assert.equal(text, 'I was offered 0 tools.');
  });
});
