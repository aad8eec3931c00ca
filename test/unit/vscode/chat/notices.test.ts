import assert from 'node:assert/strict';
import type { Omission } from '../../../../src/gateway/model/listing.js';
import type { ServerStatus } from '../../../../src/gateway/model/status.js';
import { absenceLine, noServersLine } from '../../../../src/vscode/chat/notices.js';
import { serversMarkdown, toolsMarkdown } from '../../../../src/vscode/chat/slash/slashTables.js';
import { listedTool } from './support.js';

const omitted = (server: string, reason: Omission['reason']): Omission => ({
  server,
  reason,
  message: 'why',
});

describe('absenceLine (invariant AbsenceIsExplained)', () => {
  it('has nothing to say when nothing is missing', () => {
    assert.equal(absenceLine({ omitted: [], stale: [] }), undefined);
  });

  it('links to the one server', () => {
    assert.equal(
      absenceLine({ omitted: [omitted('foo', 'failed')], stale: [] }),
      '1 server is not in this answer: foo (failed) — ' +
        '[Show log](command:mcpGateway.showServerLog?%5B%22foo%22%5D) · ' +
        '[Restart](command:mcpGateway.restartServer?%5B%22foo%22%5D)',
    );
  });

  it('is one line for several, of which the commands let the user pick', () => {
    const line = absenceLine({
      omitted: [omitted('foo', 'starting'), omitted('b|r', 'parked')],
      stale: ['baz'],
    });
    assert.equal(
      line,
      '2 servers are not in this answer: foo (starting), b\\|r (failed too often); ' +
        'the tools of baz are from an earlier start — ' +
        '[Show log](command:mcpGateway.showServerLog) · [Restart](command:mcpGateway.restartServer)',
    );
  });

  it('says once of a server whose old tools are used that it did not start', () => {
    assert.equal(
      absenceLine({ omitted: [omitted('foo', 'failed')], stale: ['foo'] }),
      'the tools of foo (failed) are from an earlier start — [Show log](command:mcpGateway.showServerLog?%5B%22foo%22%5D) · [Restart](command:mcpGateway.restartServer?%5B%22foo%22%5D)',
    );
  });

  it('links to the settings when they are what is wrong', () => {
    assert.equal(
      absenceLine({ omitted: [omitted('foo', 'invalid')], stale: [] }),
      '1 server is not in this answer: foo (settings are wrong) — [Open settings](command:mcpGateway.openSettings)',
    );
  });

  it('links to what can be done about servers that must not start', () => {
    for (const [reason, text, link] of [
      ['needs-consent', 'needs your consent', '[Review](command:mcpGateway.reviewServers)'],
      ['needs-trust', 'needs a trusted folder', '[Manage trust](command:workbench.trust.manage)'],
      ['needs-folder', 'needs a folder that is not open', '[Open settings](command:mcpGateway.openSettings)'],
    ] as const)
      assert.equal(
        absenceLine({ omitted: [omitted('foo', reason)], stale: [] }),
        `1 server is not in this answer: foo (${text}) — ${link}`,
      );
  });

  it('stays short for many', () => {
    const many = Array.from({ length: 100 }, (_, n) => omitted(`server ${n}`, 'failed'));
    const line = absenceLine({ omitted: many, stale: [] }) ?? '';
    assert.match(line, /^100 servers .* and 95 more/);
    assert.ok(!line.includes('\n') && line.length < 400);
  });
});

describe('/servers', () => {
  const status = (more: Partial<ServerStatus> = {}): ServerStatus => ({
    id: 'foo',
    title: 'foo',
    transport: 'stdio',
    cacheState: 'Live',
    phase: 'live',
    tools: 3,
    failure: undefined,
    unread: {},
    lastStart: undefined,
    ...more,
  });

  it('is a table with state, tools, transport and last start', () => {
    const at = new Date(2026, 0, 2, 14, 3, 7).getTime();
    const markdown = serversMarkdown([status({ lastStart: { at, durationMs: 412 } })], [], []);
    const [, , row] = markdown.split('\n');
    assert.match(row?.replaceAll('\\', '') ?? '', /^\| foo \| live \| 3 \| stdio \| .*:03.* \(412 ms\) \|$/);
  });

  it('names each failure and each problem in a line of its own', () => {
    const failure = { code: 'x', message: 'It ended.\nSee | the log.' };
    const problem = {
      path: 'mcpGateway.servers.bar.type',
      server: 'bar',
      severity: 'error',
      message: 'no',
    } as const;
    const markdown = serversMarkdown(
      [status({ phase: 'waiting', failure, tools: undefined })],
      [problem],
      [],
    );
    assert.match(
      markdown,
      /\| foo \| failed \| \? \| stdio \| – \|\n\n- \*\*foo\*\*: It ended\\\. See \\\| the log\\\.\n- \*\*bar\*\*: no$/,
    );
  });

  it('is bounded', () => {
    const failure = { code: 'x', message: 'm'.repeat(5000) };
    const servers = Array.from({ length: 1000 }, (_, n) => status({ id: `s${n}`, failure }));
    const withheld = Array.from({ length: 1000 }, (_, n) => ({
      id: `w${n}`,
      title: 'w',
      reason: 'needs-consent' as const,
      message: 'm'.repeat(5000),
    }));
    const markdown = serversMarkdown(servers, [], withheld);
    assert.ok(markdown.length < 40_000);
    assert.match(markdown, /And 980 more servers that do not start here/);
  });

  it('says of each server that must not start why, and what to do', () => {
    const message = 'foo uses ${workspaceFolder}, and no folder is open.';
    const withheld = [{ id: 'foo', title: 'foo', reason: 'needs-folder' as const, message }];
    assert.match(serversMarkdown([], [], withheld), /^- \*\*foo\*\*: foo uses .*no folder is open\\\.$/);
  });
});

describe('noServersLine', () => {
  it('says that nothing is configured only where the folder was looked at', () => {
    assert.match(noServersLine(true), /No MCP servers are configured yet.*command:mcpGateway\.openSettings/);
    assert.doesNotMatch(noServersLine(false), /configured yet/);
    assert.match(noServersLine(false), /left out while it is not trusted.*command:workbench\.trust\.manage/);
  });
});

describe('/tools', () => {
  it('groups by server and shows the first line of each description', () => {
    const tools = [
      listedTool('a', 'one', { description: '\nFirst | line.\nSecond line.' }),
      listedTool('b', 'two'),
      listedTool('a', 'three', { description: 'x'.repeat(500) }),
    ];
    const markdown = toolsMarkdown(tools);
    assert.match(
      markdown,
      /^#### a \(2\)\n\n- `a__one` — First \\\| line\\\.\n- `a__three` — x{159}…\n\n#### b \(1\)\n\n- `b__two`$/,
    );
  });

  it('leaves descriptions out when there are very many tools, and is bounded', () => {
    const tools = Array.from({ length: 5000 }, (_, n) => listedTool('a', `t${n}`, { description: 'words' }));
    const markdown = toolsMarkdown(tools);
    assert.doesNotMatch(markdown, /words/);
    assert.match(markdown, /And 3000 more tools\.$/);
    assert.ok(markdown.length < 40_000);
  });
});
