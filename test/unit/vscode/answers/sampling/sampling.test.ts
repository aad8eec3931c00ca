import assert from 'node:assert/strict';
import { ClientError } from '../../../../../src/gateway/model/client.js';
import { sampledFrom } from '../../../../../src/vscode/answers/sampling/answer.js';
import { SamplingPermissions } from '../../../../../src/vscode/answers/sampling/permissions.js';
import { chooseModel, samplingRequest } from '../../../../../src/vscode/answers/sampling/request.js';
import { text, type CallPart, type TextPart } from '../../../../../src/vscode/chat/turn/messages.js';
import { memory } from '../../support.js';

const said = (value: string): object => ({ role: 'user', content: { type: 'text', text: value } });

describe('a request for sampling', () => {
  it('is what the model gets: the system prompt first, then the messages', () => {
    const { messages, ...rest } = samplingRequest({
      systemPrompt: 'Be brief.',
      messages: [said('Hello'), { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] }],
      maxTokens: 100,
      stopSequences: ['END', '', 7],
      modelPreferences: { hints: [{ name: 'sonnet' }, {}, { name: 'gpt' }] },
    });
    assert.deepEqual(messages, [
      { role: 'user', parts: [text('Be brief.')] },
      { role: 'user', parts: [text('Hello')] },
      { role: 'assistant', parts: [text('Hi')] },
    ]);
    assert.deepEqual(rest, {
      tools: [],
      mustCall: false,
      maxTokens: 100,
      stopSequences: ['END'],
      hints: ['sonnet', 'gpt'],
    });
  });

  it('carries tools, their calls and results, and images', () => {
    const image = { type: 'image', mimeType: 'image/png', data: Buffer.from('png').toString('base64') };
    const { messages, tools } = samplingRequest({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] },
        { role: 'assistant', content: { type: 'tool_use', id: '1', name: 'look', input: { at: 'x' } } },
        {
          role: 'user',
          content: [
            { type: 'tool_result', toolUseId: '1', content: [{ type: 'text', text: 'a cat' }, image] },
            { type: 'tool_result', toolUseId: '2', content: [], structuredContent: { n: 1 }, isError: true },
          ],
        },
      ],
      tools: [{ name: 'look', description: 'Looks', inputSchema: { type: 'object' } }, { name: 'bare' }],
      maxTokens: 1,
    });
    const data = { type: 'image', mimeType: 'image/png', data: Uint8Array.from(Buffer.from('png')) };
    assert.deepEqual(messages, [
      { role: 'user', parts: [text('What is it?'), data] },
      { role: 'assistant', parts: [{ type: 'call', id: '1', name: 'look', input: { at: 'x' } }] },
      {
        role: 'user',
        parts: [
          { type: 'result', id: '1', content: [text('a cat'), data] },
          { type: 'result', id: '2', content: [text('The tool reported an error:'), text('{\n  "n": 1\n}')] },
        ],
      },
    ]);
    assert.deepEqual(tools, [
      { name: 'look', description: 'Looks', inputSchema: { type: 'object' } },
      { name: 'bare', description: 'bare', inputSchema: {} },
    ]);
  });

  const choices: [string | undefined, number, boolean][] = [
    [undefined, 1, false],
    ['auto', 1, false],
    ['required', 1, true],
    ['none', 0, false],
  ];
  for (const [mode, tools, mustCall] of choices)
    it(`follows the tool choice ${String(mode)}`, () => {
      const request = samplingRequest({
        messages: [said('x')],
        tools: [{ name: 't' }],
        toolChoice: { mode },
      });
      assert.deepEqual([request.tools.length, request.mustCall], [tools, mustCall]);
    });

  const refused: Record<string, object> = {
    'no messages': {},
    'an empty list': { messages: [] },
    audio: { messages: [{ role: 'user', content: { type: 'audio', mimeType: 'audio/wav', data: 'AA==' } }] },
    'an image that no model takes': {
      messages: [{ role: 'user', content: { type: 'image', mimeType: 'image/tiff', data: 'AA==' } }],
    },
    'a call by the user': { messages: [{ role: 'user', content: { type: 'tool_use', id: '1', name: 'x' } }] },
    'a message without content': { messages: [{ role: 'user' }] },
    'a tool without a name': { messages: [said('x')], tools: [{}] },
  };
  for (const [what, params] of Object.entries(refused))
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => samplingRequest(params as Record<string, unknown>),
        (error) => error instanceof ClientError && error.code === -32602,
      );
    });
});

describe('chooseModel', () => {
  const models = [
    { id: 'auto', name: 'Auto', family: 'auto' },
    { id: 'gpt-5', name: 'GPT 5', family: 'gpt-5' },
    { id: 'c45', name: 'Claude Sonnet 4.5', family: 'claude-sonnet-4.5' },
  ];
  const table: [string[], string][] = [
    [[], 'auto'],
    [['sonnet', 'gpt'], 'c45'],
    [['unheard-of', 'GPT'], 'gpt-5'],
    [['unheard-of'], 'auto'],
  ];
  for (const [hints, id] of table)
    it(`${hints.join(', ') || 'no hint'}: ${id}`, () => {
      assert.equal(chooseModel(models, hints)?.id, id);
    });

  it('finds none where there is none', () => {
    assert.equal(chooseModel<(typeof models)[number]>([], ['gpt']), undefined);
  });
});

describe('the answer of a model', () => {
  /** Tells how far it was read. */
  function answering(...parts: (string | CallPart)[]) {
    const read: string[] = [];
    async function* stream(): AsyncIterable<TextPart | CallPart> {
      for (const part of parts) {
        await Promise.resolve();
        read.push(typeof part === 'string' ? part : part.name);
        yield typeof part === 'string' ? text(part) : part;
      }
    }
    return { read, stream: stream() };
  }
  const call = (name: string, input: unknown = {}): CallPart => ({ type: 'call', id: name, name, input });
  const limits = { maxTokens: 1000, stopSequences: [] as string[] };
  const words = (value: string): Promise<number> => Promise.resolve(value.split(' ').length);

  it('is one text', async () => {
    assert.deepEqual(await sampledFrom(answering('Hel', 'lo').stream, limits, words), {
      role: 'assistant',
      content: { type: 'text', text: 'Hello' },
      stopReason: 'endTurn',
    });
  });

  it('is an empty text when the model says nothing', async () => {
    const { content } = await sampledFrom(answering().stream, limits, words);
    assert.deepEqual(content, { type: 'text', text: '' });
  });

  it('has the calls that the model wants, in order', async () => {
    const { stream } = answering('Let me ', 'look.', call('a', { x: 1 }), call('b', 'broken'));
    assert.deepEqual(await sampledFrom(stream, limits, words), {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'a', name: 'a', input: { x: 1 } },
        { type: 'tool_use', id: 'b', name: 'b', input: {} },
      ],
      stopReason: 'toolUse',
    });
    const { content } = await sampledFrom(answering(call('a')).stream, limits, words);
    assert.deepEqual(content, { type: 'tool_use', id: 'a', name: 'a', input: {} });
  });

  it('ends before a stop sequence, also one that comes in pieces, and is read no further', async () => {
    const { stream, read } = answering('one EN', 'D two', 'three');
    const { content, stopReason } = await sampledFrom(
      stream,
      { ...limits, stopSequences: ['two', 'END'] },
      words,
    );
    assert.deepEqual([content, stopReason], [{ type: 'text', text: 'one ' }, 'stopSequence']);
    assert.deepEqual(read, ['one EN', 'D two']);
  });

  it('ends when it has as many tokens as the server wants, by the count of the model', async () => {
    const { stream, read } = answering(
      'one two ',
      'three four ',
      ...Array.from({ length: 100 }, () => 'five '),
    );
    const { stopReason } = await sampledFrom(stream, { ...limits, maxTokens: 4 }, words);
    assert.equal(stopReason, 'maxTokens');
    assert.ok(read.length < 60, `${read.length} pieces`);
  });

  it('ends at some time, whatever the server wants', async () => {
    const { stream } = answering(...Array.from({ length: 1000 }, () => 'x'.repeat(10_000)));
    const { stopReason } = await sampledFrom(stream, { ...limits, maxTokens: Infinity }, words);
    assert.equal(stopReason, 'maxTokens');
  });
});

describe('SamplingPermissions', () => {
  const server = { id: 's', fingerprint: 'f' };
  const changed = { id: 's', fingerprint: 'g' };

  it('keeps “always” for one definition, over the end of the window', async () => {
    const kept = memory();
    const permissions = new SamplingPermissions(kept);
    assert.equal(permissions.allows(server), undefined);
    await permissions.remember('always', server);
    for (const window of [permissions, new SamplingPermissions(kept)]) {
      assert.equal(window.allows(server), true);
      assert.equal(window.allows(changed), undefined);
      assert.equal(window.allows({ id: 'other', fingerprint: 'f' }), undefined);
    }
    await permissions.remember('always', changed);
    assert.equal(permissions.allows(server), undefined, 'the old definition is forgotten');
  });

  it('keeps “in this session” and “deny” until the window closes, and a closed question not at all', async () => {
    const kept = memory();
    const permissions = new SamplingPermissions(kept);
    await permissions.remember('session', server);
    await permissions.remember('never-in-session', changed);
    await permissions.remember('once-no', { id: 'other', fingerprint: 'f' });
    assert.deepEqual(
      [server, changed, { id: 'other', fingerprint: 'f' }].map((one) => permissions.allows(one)),
      [true, false, undefined],
    );
    assert.equal(new SamplingPermissions(kept).allows(server), undefined);
  });

  it('forgets everything at a reset, and counts it', async () => {
    const kept = memory();
    const permissions = new SamplingPermissions(kept);
    await permissions.remember('always', server);
    await permissions.remember('session', changed);
    assert.equal(await permissions.reset(), 2);
    assert.equal(permissions.allows(server), undefined);
    assert.equal(permissions.allows(changed), undefined);
    assert.equal(kept.stored.size, 0);
  });

  it('allows nothing by what it does not understand', () => {
    const kept = memory();
    for (const stored of [true, 'all', [null, 's', { server: 's' }, { server: 's', fingerprint: 1 }]]) {
      kept.stored.set('mcpGateway.samplingAllowed', stored);
      assert.equal(new SamplingPermissions(kept).allows(server), undefined);
    }
  });
});
