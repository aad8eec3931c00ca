import assert from 'node:assert/strict';
import type { ListedTool } from '../../../../src/gateway/model/listing.js';
import {
  choicesFor,
  type ApprovalRequest,
  type ApprovalSetting,
  type Choice,
  wantsApproval,
} from '../../../../src/vscode/chat/approval/approval.js';
import { Approver } from '../../../../src/vscode/chat/approval/approver.js';
import { Grants } from '../../../../src/vscode/chat/approval/grants.js';
import { PendingQuestions } from '../../../../src/vscode/chat/approval/pending.js';
import { differenceMarkdown } from '../../../../src/vscode/chat/approval/difference.js';
import { argumentsLine, questionMarkdown } from '../../../../src/vscode/chat/approval/question.js';
import { gate, listedTool, silentLog } from './support.js';

const write = listedTool('files', 'write');
const read = listedTool('files', 'read', { annotations: { readOnlyHint: true } });
const signal = new AbortController().signal;

/** The same tool after its server has changed it. */
const changed = (change: Partial<ListedTool['tool']>): ListedTool => ({
  ...write,
  tool: { ...write.tool, ...change },
});

const CHANGES: readonly Partial<ListedTool['tool']>[] = [
  { description: 'Writes a file, and more' },
  { inputSchema: { type: 'object', properties: { path: {} } } },
  { outputSchema: { type: 'object' } },
  { annotations: { destructiveHint: true } },
];

function memory() {
  const stored = new Map<string, unknown>();
  return {
    stored,
    get: (key: string): unknown => stored.get(key),
    update: (key: string, value: unknown): Promise<void> => {
      stored.set(key, value);
      return Promise.resolve();
    },
  };
}

describe('wantsApproval', () => {
  const table: readonly [ApprovalSetting, boolean, boolean][] = [
    ['always', true, true],
    ['always', false, true],
    ['writes', true, false],
    ['writes', false, true],
    ['never', true, false],
    ['never', false, false],
  ];
  for (const [setting, trustedToRead, wanted] of table)
    it(`${setting}: a tool ${trustedToRead ? 'that is trusted to only read' : 'of any other kind'} ${wanted ? 'asks' : 'runs'}`, () => {
      assert.equal(wantsApproval(setting, trustedToRead), wanted);
    });
});

describe('choicesFor', () => {
  const offered = (tool: ListedTool, onlyThisCall = false): string[] =>
    choicesFor({ tool, args: {}, onlyThisCall }).map(({ choice }) => choice);

  it('offers to believe the server only about a tool that says that it only reads', () => {
    assert.deepEqual(offered(write), ['once', 'conversation', 'always', 'deny']);
    assert.deepEqual(offered(read), ['once', 'conversation', 'always', 'readers', 'deny']);
    assert.deepEqual(offered(read, true), ['once', 'deny']);
    const both = { readOnlyHint: true, destructiveHint: true };
    assert.deepEqual(offered(listedTool('files', 'x', { annotations: both })), offered(write));
  });

  it('names the server as plain text of one line', () => {
    const tool = { ...read, serverTitle: `$(check) a\n\u202eb${'x'.repeat(100)}` };
    const [title = ''] = choicesFor({ tool, args: {} }).flatMap((offer) =>
      offer.choice === 'readers' ? [offer.title] : [],
    );
    assert.match(title, /^Always allow tools of \$ \(check\) a \\u202ebx+… that only read$/);
  });
});

describe('Grants', () => {
  it('keeps “once” for nothing', async () => {
    const grants = new Grants(memory());
    await grants.remember('once', write, 'c1');
    assert.equal(grants.allows(write, 'c1'), false);
  });

  it('keeps “in this conversation” for that conversation, that tool and that definition', async () => {
    const grants = new Grants(memory());
    await grants.remember('conversation', write, 'c1');
    assert.equal(grants.allows(write, 'c1'), true);
    assert.equal(grants.allows(write, 'c2'), false);
    assert.equal(grants.allows(read, 'c1'), false);
    assert.equal(grants.allows({ ...write, fingerprint: 'other' }, 'c1'), false);
    assert.equal(grants.allows({ ...write, server: 'other' }, 'c1'), false);
    for (const change of CHANGES) assert.equal(grants.allows(changed(change), 'c1'), false);
  });

  it('keeps “always” beyond the window', async () => {
    const storage = memory();
    await new Grants(storage).remember('always', write, 'c1');
    const grants = new Grants(storage);
    assert.equal(grants.allows(write, 'c2'), true);
    assert.equal(grants.allows(read, 'c2'), false);
    assert.equal(grants.allows({ ...write, fingerprint: 'other' }, 'c2'), false);
    for (const change of CHANGES) assert.equal(grants.allows(changed(change), 'c2'), false);
  });

  it('knows what was allowed before under the same name, and what is another now', async () => {
    const grants = new Grants(memory());
    assert.equal(grants.former(write, 'c1'), undefined);
    await grants.remember('always', write, 'c1');
    const tool = changed({ description: 'Deletes everything' });
    const { tool: definition } = write;
    assert.deepEqual(grants.former(tool, 'c1'), { definition, toolChanged: true, serverChanged: false });
    assert.deepEqual(grants.former({ ...write, fingerprint: 'other' }, 'c2'), {
      definition,
      toolChanged: false,
      serverChanged: true,
    });
    assert.equal(grants.former(read, 'c1'), undefined);
  });

  it('keeps no definition that is too long, and of many only the newest', async () => {
    const storage = memory();
    const grants = new Grants(storage);
    const long = listedTool('s', 'long', { description: 'x'.repeat(20_000) });
    await grants.remember('always', long, 'c');
    assert.equal(grants.allows(long, 'c'), true);
    assert.equal(grants.former({ ...long, fingerprint: 'other' }, 'c')?.definition, undefined);
    for (let n = 0; n < 40; n++)
      await grants.remember('always', listedTool('s', `t${n}`, { description: 'x'.repeat(10_000) }), 'c');
    assert.ok(JSON.stringify(storage.get('mcpGateway.allowedTools')).length < 300_000);
    const known = (n: number): unknown => grants.former(listedTool('s', `t${n}`), 'c')?.definition;
    assert.equal(known(0), undefined);
    assert.notEqual(known(39), undefined);
    assert.equal(grants.allows(listedTool('s', 't0', { description: 'x'.repeat(10_000) }), 'c'), true);
  });

  it('trusts the readers of a server as it is defined, until it is reset', async () => {
    const storage = memory();
    const grants = new Grants(storage);
    const server = { id: read.server, fingerprint: read.fingerprint };
    assert.equal(grants.trustsReaders(server), false);
    await grants.remember('readers', read, 'c1');
    assert.equal(new Grants(storage).trustsReaders(server), true);
    assert.equal(grants.trustsReaders({ ...server, fingerprint: 'other' }), false);
    assert.equal(grants.trustsReaders({ ...server, id: 'other' }), false);
    assert.equal(grants.allows(write, 'c1') || grants.allows(read, 'c1'), false);
    assert.equal(await grants.reset(), 1);
    assert.equal(grants.trustsReaders(server), false);
  });

  it('replaces “always” of an older definition', async () => {
    const storage = memory();
    const grants = new Grants(storage);
    await grants.remember('always', { ...write, fingerprint: 'old' }, 'c1');
    await grants.remember('always', write, 'c1');
    assert.equal(grants.allows({ ...write, fingerprint: 'old' }, 'c1'), false);
    assert.equal(await grants.reset(), 1);
  });

  it('is bounded', async () => {
    const storage = memory();
    const grants = new Grants(storage);
    for (let n = 0; n < 1005; n++) await grants.remember('always', listedTool('s', `t${n}`), 'c');
    for (let n = 0; n < 105; n++) await grants.remember('conversation', write, `c${n}`);
    assert.equal(await grants.reset(), 1000 + 100);
  });

  it('forgets everything and says how much', async () => {
    const grants = new Grants(memory());
    await grants.remember('always', write, 'c1');
    await grants.remember('conversation', read, 'c1');
    assert.equal(await grants.reset(), 2);
    assert.equal(grants.allows(write, 'c1') || grants.allows(read, 'c1'), false);
    assert.equal(await grants.reset(), 0);
  });

  it('allows nothing by what it does not understand in the storage', () => {
    const storage = memory();
    // The last is what an earlier version kept: it says nothing of what the tool was.
    const { server, fingerprint } = write;
    for (const value of [
      'x',
      { server: 'files' },
      [null, 1, { server: 'files', tool: 'write' }],
      [{ server, tool: 'write', fingerprint }],
    ]) {
      storage.stored.set('mcpGateway.allowedTools', value);
      assert.equal(new Grants(storage).allows(write, 'c1'), false);
    }
  });
});

describe('Approver', () => {
  function approver(
    answers: (request: ApprovalRequest) => Promise<Choice>,
    setting: ApprovalSetting = 'writes',
  ) {
    const asked: string[] = [];
    const made = new Approver({
      setting: () => setting,
      grants: new Grants(memory()),
      trustedToRead: (tool) => tool.name === read.name,
      conversation: 'c1',
      log: silentLog,
      ask: (request) => {
        asked.push(JSON.stringify(request.args));
        return answers(request);
      },
    });
    return { approver: made, asked };
  }

  it('asks one question at a time, and tools that need none do not wait', async () => {
    const first = gate();
    const { approver: made, asked } = approver(async () => {
      await first.opened;
      return 'once';
    });
    const both = [
      made.allows({ tool: write, args: { n: 1 } }, signal),
      made.allows({ tool: write, args: { n: 2 } }, signal),
    ];
    assert.equal(await made.allows({ tool: read, args: {} }, signal), true);
    assert.deepEqual(asked, ['{"n":1}']);
    first.open();
    assert.deepEqual(await Promise.all(both), [true, true]);
    assert.deepEqual(asked, ['{"n":1}', '{"n":2}']);
  });

  it('spares a question that the answer before covers', async () => {
    const { approver: made, asked } = approver(() => Promise.resolve('conversation'));
    const all = [1, 2, 3].map((n) => made.allows({ tool: write, args: { n } }, signal));
    assert.deepEqual(await Promise.all(all), [true, true, true]);
    assert.equal(asked.length, 1);
  });

  it('asks again for a tool that has changed, and says what it was', async () => {
    const formers: unknown[] = [];
    const { approver: made } = approver(({ former }) => {
      formers.push(former);
      return Promise.resolve('always');
    });
    const tool = changed({ annotations: { destructiveHint: true } });
    assert.equal(await made.allows({ tool: write, args: {} }, signal), true);
    assert.equal(await made.allows({ tool: write, args: {} }, signal), true);
    assert.equal(await made.allows({ tool, args: {} }, signal), true);
    assert.deepEqual(formers, [
      undefined,
      { definition: write.tool, toolChanged: true, serverChanged: false },
    ]);
  });

  it('goes on asking after a denial', async () => {
    const { approver: made, asked } = approver(({ args }) => Promise.resolve(args.n === 1 ? 'deny' : 'once'));
    const all = [1, 2].map((n) => made.allows({ tool: write, args: { n } }, signal));
    assert.deepEqual(await Promise.all(all), [false, true]);
    assert.equal(asked.length, 2);
  });

  it('asks each time where the setting says always, and offers nothing that lasts', async () => {
    const offered: string[][] = [];
    const { approver: made, asked } = approver((request) => {
      offered.push(choicesFor(request).map(({ choice }) => choice));
      return Promise.resolve('always');
    }, 'always');
    const { signal } = new AbortController();
    assert.equal(await made.allows({ tool: write, args: { n: 1 } }, signal), true);
    assert.equal(await made.allows({ tool: write, args: { n: 2 } }, signal), true);
    assert.equal(asked.length, 2);
    assert.deepEqual(offered, [
      ['once', 'deny'],
      ['once', 'deny'],
    ]);
  });

  it('allows nothing, and asks nothing, once the turn was stopped', async () => {
    const { approver: made, asked } = approver(() => Promise.resolve('once'));
    assert.equal(await made.allows({ tool: write, args: {} }, AbortSignal.abort()), false);
    assert.equal(await made.allows({ tool: read, args: {} }, AbortSignal.abort()), false);
    assert.deepEqual(asked, []);
  });

  it('allows the call although the approval could not be stored', async () => {
    const made = new Approver({
      setting: () => 'writes',
      grants: new Grants({ get: () => undefined, update: () => Promise.reject(new Error('disk full')) }),
      trustedToRead: () => false,
      conversation: 'c1',
      log: silentLog,
      ask: () => Promise.resolve('always'),
    });
    assert.equal(await made.allows({ tool: write, args: {} }, signal), true);
  });
});

describe('PendingQuestions', () => {
  const request = { tool: write, args: {} };

  it('settles a question once, by its id only', async () => {
    const counts: number[] = [];
    const pending = new PendingQuestions<ApprovalRequest, Choice>('deny', (open) => void counts.push(open));
    const { id, choice } = pending.add(request, signal);
    assert.equal(pending.answer('guess', 'always'), false);
    assert.equal(pending.answer(id, 'once'), true);
    assert.equal(pending.answer(id, 'always'), false);
    assert.equal(await choice, 'once');
    assert.deepEqual(counts, [1, 0]);
  });

  it('denies when the turn is stopped, before or while the question is open, and at the end', async () => {
    const pending = new PendingQuestions<ApprovalRequest, Choice>('deny');
    const stop = new AbortController();
    const open = pending.add(request, stop.signal);
    stop.abort();
    assert.equal(await open.choice, 'deny');
    assert.equal(await pending.add(request, stop.signal).choice, 'deny');
    const last = pending.add(request, signal);
    pending.denyAll();
    assert.equal(await last.choice, 'deny');
    assert.deepEqual(pending.open, []);
  });

  it('makes ids that differ', () => {
    const pending = new PendingQuestions<ApprovalRequest, Choice>('deny');
    const ids = [1, 2, 3].map(() => pending.add(request, signal).id);
    assert.equal(new Set(ids).size, 3);
    pending.denyAll();
  });
});

describe('the question', () => {
  it('shows the arguments in a block that they cannot end', () => {
    const markdown = questionMarkdown({ tool: write, args: { text: '```\n[Allow](command:x)' } });
    assert.match(markdown, /^\*\*Run `files__write` on files\?\*\*/);
    const [, ticks, body] = /\n(`{3,})json\n([^]*)\n\1$/.exec(markdown) ?? [];
    assert.equal(ticks, '````');
    assert.deepEqual(JSON.parse(body ?? ''), { text: '```\n[Allow](command:x)' });
  });

  it('shows what would be hidden or turned around', () => {
    const markdown = questionMarkdown({ tool: write, args: { path: 'a\u202etxt.exe' } });
    assert.match(markdown, /a\\u202etxt\.exe/);
    assert.match(argumentsLine({ tool: write, args: { path: '\u200b' } }), /\\u200b/);
  });

  it('wraps long lines, so that nothing is out of sight on the right', () => {
    const markdown = questionMarkdown({ tool: write, args: { command: `ls${' '.repeat(200)}; rm -rf` } });
    assert.ok(markdown.split('\n').every((line) => line.length <= 82));
    assert.equal(markdown.replaceAll('\n↪ ', '').includes(`ls${' '.repeat(200)}; rm -rf`), true);
  });

  it('does not let a title pass for more', () => {
    const tool = listedTool('files', 'write', { title: '**Safe** [x](command:y)\n# Allowed' });
    const [first] = questionMarkdown({ tool, args: {} }).split('\n');
    assert.match(first ?? '', /`files__write` \(\\\*\\\*Safe/);
    assert.doesNotMatch(first ?? '', /[^\\]\]\(/);
  });

  it('is bounded and says what it leaves out', () => {
    const markdown = questionMarkdown({ tool: write, args: { text: 'x'.repeat(50_000) } });
    assert.ok(markdown.length < 55_000);
    assert.match(markdown, /of \d+ characters are left out here/);
    assert.ok(argumentsLine({ tool: write, args: { text: 'x'.repeat(5000) } }).length <= 200);
  });

  it('shows what has changed, and that it is hidden', () => {
    const tool = changed({
      description: 'Writes a file\nand\u200b more',
      annotations: { destructiveHint: true },
    });
    const definition = { ...write.tool, description: 'Writes a file\nand more' };
    const former = { definition, toolChanged: true, serverChanged: false };
    const markdown = questionMarkdown({ tool, args: {}, former });
    assert.match(markdown, /has changed since you allowed it:\n\n```diff\n/);
    assert.match(markdown, /\n-and more\n\+and\\u200b more\n/);
    assert.match(markdown, /\n\+hints: \{\n\+ {2}"destructiveHint": true\n/);
    assert.doesNotMatch(markdown, /^[-+]description/m);
  });

  it('shows all of what it says now where what it was is not known, and says when the server is another', () => {
    const tool = changed({ description: 'Writes a file' });
    const markdown = questionMarkdown({
      tool,
      args: {},
      former: { definition: undefined, toolChanged: true, serverChanged: true },
    });
    assert.match(markdown, /started in another way now/);
    assert.match(markdown, /too long to be kept[^]*\ndescription: Writes a file\n/);
  });

  it('is bounded however much has changed, and is quick about it', () => {
    const lines = (word: string): string =>
      Array.from({ length: 20_000 }, (_, n) => `${word} ${n}`).join('\n');
    const tool = changed({ description: lines('new') });
    const definition = { ...write.tool, description: lines('old') };
    const start = performance.now();
    const markdown = differenceMarkdown(definition, tool.tool);
    assert.ok(performance.now() - start < 2000);
    assert.ok(markdown.length < 11_000);
    assert.match(markdown, /characters are left out here/);
  });

  it('repeats what the server says of danger', () => {
    const tool = listedTool('files', 'rm', { annotations: { destructiveHint: true } });
    assert.match(questionMarkdown({ tool, args: {} }), /can change or delete data/);
  });
});
