import assert from 'node:assert/strict';
import fc from 'fast-check';
import { searchTools, selectTools } from '../../../../src/gateway/catalog/search.js';
import { publicToolName } from '../../../../src/gateway/catalog/publicName.js';
import type { Tool } from '../../../../src/gateway/model/catalog.js';
import type { ListedTool } from '../../../../src/gateway/model/listing.js';
import { SLICE_MS } from '../../../../src/base/async/slices.js';
import { watchTurns } from '../../../support/lag.js';

const listed = (
  server: string,
  name: string,
  more: Partial<Tool> = {},
  serverTitle = server,
): ListedTool => ({
  name: publicToolName(server, name),
  server,
  serverTitle,
  fingerprint: 'f',
  tool: { name, inputSchema: { type: 'object' }, ...more },
});

const TOOLS = [
  listed('files', 'read_text_file', { description: 'Read the complete contents of a file as text.' }),
  listed('files', 'list_directory', { description: 'List what a folder holds, files and folders.' }),
  listed('hub', 'getPullRequest', { title: 'Pull request details' }, 'Git Hosting'),
  listed('hub', 'createIssue', { annotations: { title: 'Open a ticket' } }, 'Git Hosting'),
  listed('hub', 'HTTPGet2', { description: 'Fetches a page.' }, 'Git Hosting'),
  listed('memory', 'read_graph', { description: `${'filler '.repeat(400)} needle` }),
];

const names = (found: readonly ListedTool[]): string[] => found.map((entry) => entry.tool.name);
const search = async (query: string, limit = 10): Promise<string[]> =>
  names(await searchTools(TOOLS, query, limit));

describe('searchTools', () => {
  it('finds words of names, however they are written', async () => {
    assert.equal((await search('pull request'))[0], 'getPullRequest');
    assert.equal((await search('PULL'))[0], 'getPullRequest');
    assert.equal((await search('directory'))[0], 'list_directory');
    assert.equal((await search('http'))[0], 'HTTPGet2');
    assert.equal((await search('readtextfile'))[0], 'read_text_file');
    assert.equal((await search('getPullRequest'))[0], 'getPullRequest');
  });

  it('finds titles, descriptions and servers', async () => {
    assert.deepEqual(await search('ticket'), ['createIssue']);
    assert.deepEqual(await search('contents'), ['read_text_file']);
    assert.deepEqual(
      new Set(await search('hosting')),
      new Set(['getPullRequest', 'createIssue', 'HTTPGet2']),
    );
  });

  it('finds beginnings of words and misspelled words', async () => {
    assert.equal((await search('direc'))[0], 'list_directory');
    assert.equal((await search('directroy'))[0], 'list_directory');
  });

  it('ranks a name above a description', async () => {
    assert.deepEqual((await search('read')).slice(0, 2).sort(), ['read_graph', 'read_text_file']);
    assert.equal((await search('list files'))[0], 'list_directory');
    const named = listed('a', 'make_folder_tree_with_many_words', { description: 'Does it.' });
    const described = listed('a', 'x', { description: 'Folder.' });
    assert.deepEqual(await searchTools([described, named], 'folder', 2), [named, described]);
  });

  it('answers nothing for nothing, and no more than asked for', async () => {
    assert.deepEqual(await search(''), []);
    assert.deepEqual(await search(' ?!'), []);
    assert.deepEqual(await search('zzzz'), []);
    assert.equal((await search('read', 1)).length, 1);
    assert.deepEqual(await search('read', 0), []);
    assert.deepEqual(await searchTools([], 'read', 5), []);
  });

  it('keeps equally good tools in listing order', async () => {
    const twins = Array.from({ length: 20 }, (_, i) => listed(`s${i}`, 'echo', {}, 'same'));
    const found = await searchTools(twins, 'echo', 20);
    assert.deepEqual(found, twins);
  });

  it('reads only the beginning of a description', async () => {
    assert.deepEqual(await search('filler'), ['read_graph']);
    assert.deepEqual(await search('needle'), []);
  });

  it('is quick with 5,000 tools that have long descriptions', async () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      listed(`s${i % 10}`, `tool_${i}`, { description: `does thing ${i} `.repeat(100) }),
    );
    const start = performance.now();
    assert.equal((await searchTools(many, 'tool 4999', 1))[0]?.tool.name, 'tool_4999');
    assert.ok(performance.now() - start < 10_000, String(performance.now() - start));
  });

  it('is no slower for a server with 10,000 tools that say a different word each time', async () => {
    let word = 0;
    const flood = Array.from({ length: 10_000 }, (_, i) => {
      const description = Array.from({ length: 75 }, () => (word++).toString(36)).join(' ');
      return listed('hostile', `tool_${i}`, { description });
    });
    const good = listed('good', 'other', { description: `${'so '.repeat(60)}needle` });
    const start = process.cpuUsage().user;
    assert.deepEqual(await searchTools([...flood, good], 'needle', 1), [good]);
    const ms = (process.cpuUsage().user - start) / 1000;
    assert.ok(ms < 500, `${ms} ms`);
  });
});

describe('selectTools', () => {
  it('puts what fits first, then one of each server in turn', async () => {
    assert.deepEqual(names(await selectTools(TOOLS, 'ticket', 5)), [
      'createIssue',
      'read_text_file',
      'getPullRequest',
      'read_graph',
      'list_directory',
    ]);
    assert.deepEqual(names(await selectTools(TOOLS, '', 3)), [
      'read_text_file',
      'getPullRequest',
      'read_graph',
    ]);
  });

  it('answers all when there is room', async () => {
    assert.equal((await selectTools(TOOLS, 'read', 128)).length, TOOLS.length);
    assert.deepEqual(await selectTools([], 'read', 128), []);
  });

  it('never answers more than the limit, nothing twice, nothing of its own, and always the same', async () => {
    const someTools = fc
      .uniqueArray(
        fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('get', 'set', 'list', 'read file')),
        {
          selector: (pair) => pair.join(),
        },
      )
      .map((pairs) => pairs.map(([server, name]) => listed(server, name)));
    const query = fc.constantFrom('', 'get', 'read', 'file get', 'a', '*', 'x y z');
    await fc.assert(
      fc.asyncProperty(someTools, query, fc.nat(8), async (tools, text, limit) => {
        const selected = await selectTools(tools, text, limit);
        assert.equal(selected.length, Math.min(limit, tools.length));
        assert.equal(new Set(selected).size, selected.length);
        for (const entry of selected) assert.ok(tools.includes(entry));
        const best = await searchTools(tools, text, limit);
        assert.deepEqual(selected.slice(0, best.length), best);
        assert.deepEqual(await selectTools(tools, text, limit), selected);
      }),
    );
  });

  it('holds the event loop for a slice at a time, whatever 10,000 tools and the prompt say', async () => {
    let word = 0;
    const tools = Array.from({ length: 10_000 }, (_, i) =>
      listed(`s${i % 20}`, `tool_${i}`, {
        title: Array.from({ length: 20 }, () => `the${(word++).toString(36)}`).join(' '),
        description: Array.from({ length: 60 }, () => `read${(word++).toString(36)}`).join(' '),
      }),
    );
    const watch = watchTurns();
    const selected = await selectTools(tools, 'read the file that the others read '.repeat(30), 128);
    const { workedMs, turns } = watch.stop();
    assert.equal(selected.length, 128);
    assert.ok(workedMs / turns < 2 * SLICE_MS, `${workedMs} ms of work in ${turns} turns`);
  });
});
