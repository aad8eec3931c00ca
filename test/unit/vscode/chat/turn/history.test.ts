import assert from 'node:assert/strict';
import { historyMessages, type PastTurn, Transcripts } from '../../../../../src/vscode/chat/turn/history.js';
import type { Message } from '../../../../../src/vscode/chat/turn/messages.js';

const asked = (prompt: string, command?: string): PastTurn => ({ kind: 'request', prompt, command });
const answered = (words: string, turn?: string): PastTurn => ({ kind: 'response', words, turn });
const plain = (messages: readonly Message[]): string[] =>
  messages.map(
    ({ role, parts }) =>
      `${role}: ${parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('+')}`,
  );

describe('historyMessages', () => {
  it('gives questions and answers in their order', () => {
    const turns = [
      asked('a'),
      answered('b'),
      asked('', 'tools'),
      answered('c'),
      asked('d', 'call'),
      answered(''),
    ];
    assert.deepEqual(plain(historyMessages(turns, new Transcripts(), 1000)), [
      'user: a',
      'assistant: b',
      'user: /tools',
      'assistant: c',
      'user: /call d',
    ]);
  });

  it('keeps the newest exchanges whole and drops the rest', () => {
    const turns = [asked('old'), answered('x'.repeat(50)), asked('new'), answered('y'.repeat(50))];
    assert.deepEqual(plain(historyMessages(turns, new Transcripts(), 100)), [
      'user: new',
      `assistant: ${'y'.repeat(50)}`,
    ]);
    assert.deepEqual(historyMessages(turns, new Transcripts(), 10), []);
  });

  it('cuts a single long answer', () => {
    const [, answer] = historyMessages(
      [asked('a'), answered('x'.repeat(90_000))],
      new Transcripts(),
      100_000,
    );
    assert.ok(plain(answer ? [answer] : [])[0]!.length < 21_000);
  });

  it('leaves out images that an answer shows', () => {
    const turns = [asked('a'), answered('See ![image/png](data:image/png;base64,AAAA) there')];
    assert.deepEqual(
      plain(historyMessages(turns, new Transcripts(), 1000)).at(-1),
      'assistant: See [image] there',
    );
  });

  it('has the tool calls and results of turns that are remembered', () => {
    const transcripts = new Transcripts();
    const said: Message[] = [
      { role: 'assistant', parts: [{ type: 'call', id: '1', name: 'tool', input: {} }] },
      {
        role: 'user',
        parts: [
          {
            type: 'result',
            id: '1',
            content: [{ type: 'image', mimeType: 'image/png', data: new Uint8Array(3) }],
          },
        ],
      },
      { role: 'assistant', parts: [{ type: 'text', text: 'b' }] },
    ];
    transcripts.add('t1', said);
    const messages = historyMessages([asked('a'), answered('b', 't1')], transcripts, 1000);
    assert.deepEqual(plain(messages), ['user: a', 'assistant: call', 'user: result', 'assistant: b']);
    assert.match(JSON.stringify(messages), /\[image\/png, 3 bytes\]/);
  });
});

describe('Transcripts', () => {
  const message = (length: number): Message[] => [
    { role: 'assistant', parts: [{ type: 'text', text: 'x'.repeat(length) }] },
  ];

  it('are bounded: by turn, by number and in all', () => {
    const transcripts = new Transcripts();
    transcripts.add('long', message(300_000));
    assert.equal(transcripts.get('long'), undefined);
    for (let n = 0; n < 60; n++) transcripts.add(`short${n}`, message(1));
    assert.equal(transcripts.get('short9'), undefined);
    assert.ok(transcripts.get('short10'));
    for (let n = 0; n < 12; n++) transcripts.add(`big${n}`, message(190_000));
    assert.equal(transcripts.get('big0'), undefined);
    assert.ok(transcripts.get('big11'));
  });
});
