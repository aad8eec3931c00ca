import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { chat, gatewayApi, scenarioFile, until, type ModelRequest } from './support.js';

/** Sends a line and gives what VS Code keeps of the turn. */
const turn = (query: string, more: object = {}): Thenable<vscode.ChatResult> =>
  vscode.commands.executeCommand('workbench.action.chat.open', {
    mode: 'ask',
    modelSelector: { vendor: 'scripted', id: 'scripted-1' },
    query,
    blockOnResponse: true,
    ...more,
  });

/** What the participant showed for a slash command, as the next turn's model reads it. */
async function shownFor(query: string): Promise<string> {
  assert.deepEqual(await chat(query), [], 'no model is asked');
  const [request] = await chat('@mcp remember');
  const answer = request?.messages.at(-2);
  assert.equal(answer?.role, 'assistant');
  return partsOf(answer)
    .map(({ value }) => String(value))
    .join('')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

/** The fixture's messages hold `parts`. */
const partsOf = (message: ModelRequest['messages'][number] | undefined): Record<string, unknown>[] =>
  (message as unknown as { parts: Record<string, unknown>[] } | undefined)?.parts ?? [];

/** The contents of the tool results that the last request ends with. */
const results = (requests: readonly ModelRequest[]): Record<string, unknown>[][] =>
  partsOf(requests.at(-1)?.messages.at(-1)).map(({ content }) => content as Record<string, unknown>[]);

describe('@main The participant', () => {
  before(async function () {
    this.timeout(60_000);
    const { servers } = await gatewayApi();
    await until(
      () => servers().length === 3 && servers().every(({ cacheState }) => cacheState === 'Live'),
      'the servers are live',
      60_000,
    );
  });

  beforeEach(async () => {
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
  });

  it('gives the model images as data and structured content as text, once', async () => {
    const requests = await chat(
      '@mcp call everything__get-tiny-image\ncall everything__get-structured-content {"location":"Chicago"}',
    );
    const [image, structured] = results(requests);
    assert.deepEqual(
      image?.map(({ type, mimeType }) => mimeType ?? type),
      ['text', 'image/png', 'text'],
    );
    assert.equal(structured?.length, 1);
    assert.equal(structured[0]?.type, 'text');
    assert.ok('temperature' in (JSON.parse(String(structured[0].value)) as object));
  });

  it('tells the model of errors (invariant ErrorsAreErrors)', async () => {
    const [content] = results(await chat('@mcp call filesystem__read_text_file {"path":"/outside"}'));
    assert.match(String(content?.[0]?.value), /^The tool reported an error/);
    assert.match(String(content?.[1]?.value), /Access denied/);
  });

  it('remembers calls and results within the conversation, and nothing in a new one', async () => {
    await chat('@mcp call everything__echo {"message":"kept"}');
    const [next] = await chat('@mcp remember');
    assert.deepEqual(
      next?.messages.map((message) => partsOf(message).map(({ type }) => type)),
      [['text'], ['toolCall'], ['toolResult'], ['text'], ['text']],
    );
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
    const [fresh] = await chat('@mcp remember');
    assert.equal(fresh?.messages.length, 1);
  });

  it('keeps no arguments and no results in what VS Code stores with the answer', async () => {
    const { metadata } = await turn('@mcp call everything__echo {"message":"hunter2"}');
    assert.deepEqual(Object.keys(metadata ?? {}).sort(), ['conversation', 'turn']);
    assert.doesNotMatch(JSON.stringify(metadata), /hunter2|echo/);
  });

  it('says in a sentence why the model failed', async () => {
    const { errorDetails } = await turn('@mcp fail overloaded');
    assert.equal(errorDetails?.message, 'The model failed: overloaded. Try again, or choose another model.');
  });

  it('stops after the rounds that the settings allow', async () => {
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    await configuration.update('chat.maxRounds', 2, vscode.ConfigurationTarget.Global);
    try {
      const requests = await chat('@mcp loop everything__echo {"message":"again"}');
      assert.equal(requests.length, 3);
    } finally {
      await configuration.update('chat.maxRounds', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('cancels upstream when the user stops', async () => {
    const started = performance.now();
    const running = turn('@mcp call everything__trigger-long-running-operation {"duration":60,"steps":60}');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await vscode.commands.executeCommand('workbench.action.chat.cancel');
    const result = await running;
    assert.ok(performance.now() - started < 10_000);
    assert.equal(result.errorDetails?.message, undefined);
    // The server is free for the next call, which would else wait behind the long one.
    const [content] = results(await chat('@mcp call everything__echo {"message":"free"}'));
    assert.deepEqual(content, [{ type: 'text', value: 'Echo: free' }]);
  });

  it('reads attached files for the model, before the prompt', async () => {
    const file = scenarioFile('attached.txt');
    await writeFile(file, 'first line\nsecond line');
    await turn('@mcp What is this?', { attachFiles: [vscode.Uri.file(file)] });
    const requests = await vscode.commands.executeCommand<ModelRequest[]>('scriptedModel.requests');
    const request = requests.at(-1);
    assert.match(JSON.stringify(request?.messages.at(-2)), /attached\.txt:\\n```\\nfirst line\\nsecond line/);
    assert.deepEqual(partsOf(request?.messages.at(-1)), [{ type: 'text', value: 'What is this?' }]);
  });

  describe('without a model', () => {
    it('/servers is a table', async () => {
      const shown = await shownFor('@mcp /servers');
      for (const id of ['everything', 'filesystem', 'memory'])
        assert.match(shown, new RegExp(`\\| ${id} \\| live \\| \\d+ \\| stdio \\| .*\\(.* m?s\\) \\|`));
    });

    it('/refresh lists everything anew and shows the table', async () => {
      assert.match(await shownFor('@mcp /refresh'), /\| memory \| live \| \d+ \| stdio \|/);
    });

    it('/call runs one tool and shows its result', async () => {
      assert.equal(
        (await shownFor('@mcp /call everything__echo {"message":"hi **there**"}')).trim(),
        'Echo: hi **there**',
      );
    });

    it('/call shows images and JSON', async () => {
      assert.match(
        await shownFor('@mcp /call everything__get-tiny-image'),
        /image you requested[^]*\[image\]/,
      );
      const json = await shownFor('@mcp /call everything__get-structured-content {"location":"Chicago"}');
      assert.match(json, /```json\n\{.*"temperature"/s);
    });

    it('/call shows an error of the tool as one', async () => {
      assert.match(
        await shownFor('@mcp /call filesystem__read_text_file {"path":"/outside"}'),
        /^\s*\*\*The tool reported an error\.\*\*[^]*Access denied/,
      );
    });

    const nothingRun: Record<string, [string, RegExp]> = {
      'an unknown name': [
        'everything__eco {}',
        /no tool named "everything__eco".*nothing was run.*everything__echo/i,
      ],
      'bad JSON': ['everything__echo {"message": }', /not valid JSON.*at character 13.*Nothing was run/],
      'arguments that do not fit': ['everything__echo {}', /do not fit.*message.*Nothing was run/],
      'no name': ['', /Which tool\?/],
    };
    for (const [what, [rest, expected]] of Object.entries(nothingRun))
      it(`/call runs nothing for ${what}`, async () => {
        assert.match(await shownFor(`@mcp /call ${rest}`), expected);
      });

    it('explains itself when nothing is asked', async () => {
      const { metadata } = await turn('@mcp');
      assert.equal(metadata?.help, true);
    });
  });
});
