import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { visible, withoutTags } from '../../src/base/text/visible.js';
import { resultText } from '../../src/cli/content.js';
import { inventoryText, type Inventory } from '../../src/cli/commands/list.js';
import { createLog } from '../../src/cli/log.js';
import { hintOf, inputText, messageText } from '../../src/vscode/answers/elicitation/inputText.js';
import type { Field } from '../../src/vscode/answers/elicitation/fields.js';
import { excerpt } from '../../src/vscode/answers/sampling/excerpt.js';
import { progressText } from '../../src/vscode/chat/answer.js';
import { differenceMarkdown } from '../../src/vscode/chat/approval/difference.js';
import { choicesFor } from '../../src/vscode/chat/approval/approval.js';
import { argumentsLine, questionMarkdown } from '../../src/vscode/chat/approval/question.js';
import { absenceLine } from '../../src/vscode/chat/notices.js';
import { buttonText, cell, escapeMarkdown } from '../../src/vscode/chat/render.js';
import { resultForModel } from '../../src/vscode/chat/turn/results.js';
import { resultAsMarkdown } from '../../src/vscode/chat/slash/showResult.js';
import { consentMarkdown, reviewDetail, reviewsMarkdown } from '../../src/vscode/consent/reviewText.js';
import { serversMarkdown, toolsMarkdown } from '../../src/vscode/chat/slash/slashTables.js';
import { ToolSet } from '../../src/vscode/chat/turn/toolSet.js';
import { notificationText, tooltip } from '../../src/vscode/serverText.js';
import type { ServerStatus } from '../../src/gateway/model/status.js';
import { listedTool } from './vscode/chat/support.js';

/** One of each kind that is not seen, that turns text around, or that steers a terminal. */
const HIDDEN = [
  ...['\u0007', '\u001b', '\u007f', '\u009b', '\u00ad', '\u034f', '\u061c', '\u115f', '\u17b4', '\u180e'],
  ...['\u200b', '\u200d', '\u200e', '\u202e', '\u2028', '\u2060', '\u2066', '\u206f', '\u2800', '\u3164'],
  ...['\ufe0f', '\ufeff', '\uffa0', '\ufffb', '\ue000', '\udb40', '\u{e0041}', '\u{e0101}'],
];
/** As a server could have it everywhere: in its names, texts, errors and on its stderr. */
const evil = HIDDEN.map((character) => `x${character}y`).join('');

const status: ServerStatus = {
  id: 's',
  title: evil,
  transport: 'stdio',
  cacheState: 'Unknown',
  phase: 'parked',
  tools: undefined,
  failure: { code: 'process-ended', message: `${evil} Its last output:\n${evil}` },
  lastStart: undefined,
  unread: {},
};
const tool = {
  ...listedTool('s', 't', { title: evil, description: evil, annotations: { title: evil } }),
  serverTitle: evil,
};
const reader = { ...tool, tool: { ...tool.tool, annotations: { readOnlyHint: true } } };
const request = { tool, args: { [evil]: evil } };
const result = { content: [{ type: 'text', text: evil }], structuredContent: { [evil]: evil } };
const laidOut = { content: [{ type: 'text', text: `  ${evil}` }] };
const omission = { server: 's', reason: 'failed', message: evil } as const;
const inventory: Inventory = {
  tools: [{ name: 's__t', server: 's', description: evil }],
  resources: [{ server: 's', uri: evil, name: evil }],
  resourceTemplates: [{ server: 's', uriTemplate: evil, name: evil }],
  prompts: [{ name: 'p', server: 's', description: evil }],
  omitted: [omission],
  stale: [],
  servers: [{ id: 's', state: 'Unknown', tools: null }],
  disabled: [{ id: 'off', title: evil }],
};
const field = { kind: 'text', title: evil, description: evil, required: true } as unknown as Field;

/** What the command line writes to standard error for a message. */
function logged(message: string): string {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  createLog(true, stream).user.error(message);
  return String((stream as unknown as PassThrough).read());
}

const review = {
  id: evil,
  title: evil,
  fingerprint: '',
  replaces: true,
  facts: [{ label: evil, text: evil }],
};

const doors: Record<string, () => string> = {
  'the tables of `list`': () => inventoryText(inventory, undefined),
  'the tables of `list` in a narrow terminal': () => inventoryText(inventory, 60),
  '`list --json` on a terminal': () => visible(JSON.stringify(inventory, undefined, 2)),
  'the result of `call` on a terminal': () => visible(resultText(result)),
  'errors of the command line': () => logged(`server-error: s answered with error 1: ${evil}`),
  'a line of an answer': () => escapeMarkdown(evil),
  'a cell of an answer': () => cell(evil),
  '/servers': () =>
    serversMarkdown(
      [status],
      [{ path: evil, server: evil, severity: 'error', message: evil }],
      [{ id: evil, title: evil, reason: 'needs-consent', message: evil }],
    ),
  '/tools': () => toolsMarkdown([tool]),
  'the result of /call': () => resultAsMarkdown(result) + resultAsMarkdown(laidOut),
  'the progress of a call': () => progressText(evil),
  'what an answer lacks': () => absenceLine({ omitted: [omission], stale: [evil] }) ?? '',
  'the question for approval': () => questionMarkdown(request),
  'the buttons of that question': () =>
    choicesFor({ ...request, tool: reader })
      .map(({ title }) => title)
      .join('\n'),
  'the question for a server of the workspace': () => reviewsMarkdown([review]),
  'that question in a dialog': () => reviewDetail(review),
  'what became of it': () => consentMarkdown([review], []) + consentMarkdown([review], [review]),
  'its arguments on one line': () => argumentsLine(request),
  'what has changed of a tool': () => differenceMarkdown(reader.tool, tool.tool),
  'a quick pick': () => buttonText(evil, 1000),
  'a notification': () => notificationText(evil),
  'the tooltip': () => tooltip([status], [{ path: evil, server: evil, message: evil }]),
  'the step of a form': () => hintOf(field, evil) + inputText(evil, 1000),
  'the message of a form': () => messageText(evil),
  'what a server sends to a model': () => excerpt({ role: 'user', parts: [{ type: 'text', text: evil }] }),
};

describe('What people read of a server', () => {
  for (const [door, render] of Object.entries(doors))
    it(`has no hidden character, and shows the first as an escape: ${door}`, () => {
      const text = render();
      const left = Array.from(text).filter((character) => HIDDEN.includes(character));
      assert.deepEqual(
        left.map((character) => character.codePointAt(0)?.toString(16)),
        [],
      );
      assert.match(text.replaceAll('\\\\', '\\'), /x\\+u0007y/, text.slice(0, 400));
    });

  it('cannot pass for a message of the command line', () => {
    const text = logged('failed:\n[error] All is lost.\r\n[warn] Run this.\rover');
    assert.deepEqual(text.match(/^\S.*$/gm)?.length, 1, text);
    assert.doesNotMatch(text, /\r/);
  });
});

describe('What models read of a server', () => {
  const told: Record<string, () => string> = {
    'the description and schema of a tool': () =>
      JSON.stringify(
        new ToolSet(
          [listedTool('s', 't', { description: evil, inputSchema: { type: 'object', description: evil } })],
          0,
        ).offered(),
      ),
    'a result': () => JSON.stringify(resultForModel(result)),
  };
  for (const [what, render] of Object.entries(told))
    it(`has no tag characters, and keeps the rest: ${what}`, () => {
      const text = render();
      assert.doesNotMatch(text, /[\u{e0000}-\u{e007f}]/u);
      assert.ok(text.includes(JSON.stringify(withoutTags(evil)).slice(1, -1)));
    });
});
