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
import { PendingApprovals } from '../../../../src/vscode/chat/approval/pending.js';
import { argumentsLine, questionMarkdown } from '../../../../src/vscode/chat/approval/question.js';
import { gate, listedTool, silentLog } from './support.js';

const write = listedTool('files', 'write');
const read = listedTool('files', 'read', { annotations: { readOnlyHint: true } });
const signal = new AbortController().signal;

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
  const table: readonly [ApprovalSetting, ListedTool, boolean][] = [
    ['always', read, true],
    ['always', write, true],
    ['writes', read, false],
    ['writes', write, true],
    ['writes', listedTool('files', 'x', { annotations: { readOnlyHint: false } }), true],
    ['never', write, false],
  ];
  for (const [setting, tool, wanted] of table)
    it(`${setting}: ${tool.name} ${wanted ? 'asks' : 'runs'}`, () => {
      assert.equal(wantsApproval(setting, tool), wanted);
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
  });

  it('keeps “always” beyond the window', async () => {
    const storage = memory();
    await new Grants(storage).remember('always', write, 'c1');
    const grants = new Grants(storage);
    assert.equal(grants.allows(write, 'c2'), true);
    assert.equal(grants.allows(read, 'c2'), false);
    assert.equal(grants.allows({ ...write, fingerprint: 'other' }, 'c2'), false);
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
    for (const value of ['x', { server: 'files' }, [null, 1, { server: 'files', tool: 'write' }]]) {
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
      conversation: 'c1',
      log: silentLog,
      ask: () => Promise.resolve('always'),
    });
    assert.equal(await made.allows({ tool: write, args: {} }, signal), true);
  });
});

describe('PendingApprovals', () => {
  const request = { tool: write, args: {} };

  it('settles a question once, by its id only', async () => {
    const counts: number[] = [];
    const pending = new PendingApprovals((open) => void counts.push(open));
    const { id, choice } = pending.add(request, signal);
    assert.equal(pending.answer('guess', 'always'), false);
    assert.equal(pending.answer(id, 'once'), true);
    assert.equal(pending.answer(id, 'always'), false);
    assert.equal(await choice, 'once');
    assert.deepEqual(counts, [1, 0]);
  });

  it('denies when the turn is stopped, before or while the question is open, and at the end', async () => {
    const pending = new PendingApprovals();
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
    const pending = new PendingApprovals();
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

  it('repeats what the server says of danger', () => {
    const tool = listedTool('files', 'rm', { annotations: { destructiveHint: true } });
    assert.match(questionMarkdown({ tool, args: {} }), /can change or delete data/);
  });
});
