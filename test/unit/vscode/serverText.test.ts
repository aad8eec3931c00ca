import assert from 'node:assert/strict';
import type { ServerStatus } from '../../../src/gateway/model/status.js';
import { notificationText, summaryText, tooltip } from '../../../src/vscode/serverText.js';

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

  it('has the last line of what the server wrote, which says why', () => {
    const why = 'ACME_API_KEY is required';
    const message = `Acme: The process ended with exit code 1. Its last output:\nstarting\n${why}`;
    assert.ok(notificationText(message).endsWith(`Its last output: ${why}`));
    assert.ok(notificationText(`${'x'.repeat(1000)}\n${why}`).endsWith(why));
  });
});

const status = (id: string, more: Partial<ServerStatus> = {}): ServerStatus => ({
  id,
  title: id,
  transport: 'stdio',
  cacheState: 'Live',
  phase: 'live',
  tools: 2,
  failure: undefined,
  unread: {},
  lastStart: undefined,
  ...more,
});
const failure = { code: 'process-ended', message: 'It ended. Its last output:\nfirst\nKEY is required' };

describe('tooltip', () => {
  it('has every problem first, with its server and reason, however many servers are well', () => {
    const well = Array.from({ length: 30 }, (_, index) => status(`well${index}`));
    const broken = Array.from({ length: 25 }, (_, index) =>
      status(`broken${index}`, { phase: 'waiting', tools: undefined, failure }),
    );
    const part = status('part', { unread: { resources: { code: 'x', message: 'No resources.' } } });
    const errors = [
      { path: 'mcpGateway.servers.bad.url', server: 'bad', message: '"url" is not an address.' },
    ];
    const lines = tooltip([...well, ...broken, part], errors).split('\n');
    assert.deepEqual(lines.slice(1, 3), [
      'broken0: It ended. Its last output: KEY is required',
      'broken1: It ended. Its last output: KEY is required',
    ]);
    assert.deepEqual(lines.slice(26), [
      'bad: "url" is not an address.',
      'part: No resources.',
      'and 30 more',
    ]);
    assert.equal(tooltip(well, []).split('\n').length, 22);
  });

  it('names what is disabled last, which is no problem', () => {
    const off = [{ id: 'off', title: 'Off' }];
    assert.deepEqual(
      tooltip([status('a')], [], [], off)
        .split('\n')
        .slice(1),
      ['a: live, 2 tools', 'Off: disabled'],
    );
    assert.deepEqual(tooltip([], [], [], off).split('\n').slice(1), ['Off: disabled']);
  });
});

describe('summaryText', () => {
  it('counts every configured server once', () => {
    const servers = [
      ...['a', 'b', 'c', 'd'].map((id) => status(id)),
      status('e', { phase: 'waiting', failure, tools: undefined }),
      status('f', { phase: 'parked', failure, tools: undefined }),
      status('g', { phase: 'starting', tools: undefined }),
      status('h', { phase: 'idle', cacheState: 'Cached' }),
    ];
    // Two problems of one server are one server.
    const errors = [{ server: 'i' }, { server: 'i' }, { server: 'j' }, { server: undefined }];
    assert.equal(
      summaryText(servers, errors),
      '10 tools; 10 servers: 4 running, 1 starting, 4 failed, 1 not running',
    );
  });
});
