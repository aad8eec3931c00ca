import assert from 'node:assert/strict';
import { parse } from 'smol-toml';
import {
  type Choice,
  configurationText,
  mergeConfiguration,
} from '../../../src/clientConfig/clientConfig.js';
import { type ClientId, CLIENTS } from '../../../src/clientConfig/clients.js';
import { type HttpReach, type Reach, reachByConnect } from '../../../src/clientConfig/reach.js';
import type { Shell } from '../../../src/clientConfig/shell.js';

const CLI = '/ext/dist/cli.js';
const EDITOR = { command: '/usr/share/code/code', env: { ELECTRON_RUN_AS_NODE: '1' } };
const NODE = { command: 'node', env: {} };
const HTTP: HttpReach = { kind: 'http', url: 'http://127.0.0.1:7345/mcp', token: 'tok-en' };

const clientOf = (id: ClientId): Choice['client'] => CLIENTS.find((client) => client.id === id)!;

const choice = (id: ClientId, server: string | undefined, reach: Reach): Choice => ({
  client: clientOf(id),
  server,
  reach,
});

const byEditor = (server?: string): Reach => reachByConnect(EDITOR, CLI, server);
const byNode = (server?: string): Reach => reachByConnect(NODE, CLI, server);

const BEARER = { Authorization: 'Bearer tok-en' };
const ONE = [CLI, 'connect', '--server=files'];
const ALL = [CLI, 'connect'];

interface Row {
  readonly client: ClientId;
  readonly server?: string;
  readonly reach: Reach;
  readonly shell?: Shell;
  /** The command, or what the file's text says when it is read. */
  readonly says: string | object;
}

const ROWS: readonly Row[] = [
  {
    client: 'claude-code',
    reach: byEditor(),
    says: 'claude mcp add --scope user --env ELECTRON_RUN_AS_NODE=1 --transport stdio mcp-tool-gateway -- /usr/share/code/code /ext/dist/cli.js connect',
  },
  {
    client: 'claude-code',
    server: 'files',
    reach: byNode('files'),
    says: 'claude mcp add --scope user --transport stdio files -- node /ext/dist/cli.js connect --server=files',
  },
  {
    client: 'claude-code',
    server: `it's mine`,
    reach: byNode(`it's mine`),
    says: `claude mcp add --scope user --transport stdio it-s-mine-566835 -- node /ext/dist/cli.js connect '--server=it'\\''s mine'`,
  },
  {
    client: 'claude-code',
    reach: HTTP,
    says: `claude mcp add --scope user --transport http mcp-tool-gateway http://127.0.0.1:7345/mcp --header 'Authorization: Bearer tok-en'`,
  },
  {
    client: 'claude-code',
    reach: {
      ...reachByConnect({ ...EDITOR, command: 'C:\\VS Code\\Code.exe' }, 'C:\\x\\cli.js', undefined),
    },
    shell: 'windows',
    says: 'claude mcp add --scope user --env "ELECTRON_RUN_AS_NODE=1" --transport stdio mcp-tool-gateway "--" "C:\\VS Code\\Code.exe" C:\\x\\cli.js connect',
  },
  {
    client: 'claude-code',
    server: 'a"b',
    reach: byNode('a"b'),
    shell: 'windows',
    says: {
      mcpServers: {
        'a-b-39a012': { type: 'stdio', command: 'node', args: [CLI, 'connect', '--server=a"b'] },
      },
    },
  },
  {
    client: 'copilot-cli',
    reach: byEditor(),
    says: {
      mcpServers: {
        'mcp-tool-gateway': {
          type: 'stdio',
          command: EDITOR.command,
          args: ALL,
          env: EDITOR.env,
          tools: ['*'],
        },
      },
    },
  },
  {
    client: 'copilot-cli',
    server: 'files',
    reach: HTTP,
    says: { mcpServers: { files: { type: 'http', url: HTTP.url, headers: BEARER, tools: ['*'] } } },
  },
  {
    client: 'codex-cli',
    reach: byEditor(),
    says: 'codex mcp add mcp-tool-gateway --env ELECTRON_RUN_AS_NODE=1 -- /usr/share/code/code /ext/dist/cli.js connect',
  },
  {
    client: 'codex-cli',
    server: 'files',
    reach: byNode('files'),
    says: 'codex mcp add files -- node /ext/dist/cli.js connect --server=files',
  },
  {
    client: 'codex-cli',
    server: 'files',
    reach: HTTP,
    says: { mcp_servers: { files: { url: HTTP.url, http_headers: BEARER } } },
  },
  {
    client: 'codex-cli',
    server: '100%',
    reach: byEditor('100%'),
    shell: 'windows',
    says: {
      mcp_servers: {
        '100-32e489': { command: EDITOR.command, args: [CLI, 'connect', '--server=100%'], env: EDITOR.env },
      },
    },
  },
  {
    client: 'gemini-cli',
    reach: byEditor(),
    says: 'gemini mcp add --scope user --env ELECTRON_RUN_AS_NODE=1 mcp-tool-gateway /usr/share/code/code -- /ext/dist/cli.js connect',
  },
  {
    client: 'gemini-cli',
    server: '123',
    reach: byNode('123'),
    says: 'gemini mcp add --scope user 123 node -- /ext/dist/cli.js connect --server=123',
  },
  {
    client: 'gemini-cli',
    reach: HTTP,
    says: `gemini mcp add --scope user --transport http --header 'Authorization: Bearer tok-en' mcp-tool-gateway http://127.0.0.1:7345/mcp`,
  },
  {
    client: 'cursor',
    server: 'files',
    reach: byEditor('files'),
    says: { mcpServers: { files: { type: 'stdio', command: EDITOR.command, args: ONE, env: EDITOR.env } } },
  },
  {
    client: 'cursor',
    reach: HTTP,
    says: { mcpServers: { 'mcp-tool-gateway': { url: HTTP.url, headers: BEARER } } },
  },
  {
    client: 'generic',
    server: 'files',
    reach: byNode('files'),
    says: { mcpServers: { files: { type: 'stdio', command: 'node', args: ONE } } },
  },
  {
    client: 'generic',
    reach: HTTP,
    says: { mcpServers: { 'mcp-tool-gateway': { type: 'http', url: HTTP.url, headers: BEARER } } },
  },
];

const read = (id: ClientId, text: string): unknown =>
  clientOf(id).format === 'toml' ? parse(text) : JSON.parse(text);

/** Of prototypes and key order, which the parsers differ in, nothing is left. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('configurationText', () => {
  for (const { client, server, reach, shell = 'sh', says } of ROWS)
    it(`${client}, ${server ?? 'all servers'}, ${reach.kind}, ${shell}`, () => {
      const { kind, text } = configurationText(choice(client, server, reach), shell);
      if (typeof says === 'string') assert.deepEqual({ kind, text }, { kind: 'command', text: says });
      else {
        assert.equal(kind, 'file');
        assert.deepEqual(plain(read(client, text)), says);
      }
    });

  it('has no token in it where the client starts the program', () => {
    for (const { id } of CLIENTS)
      assert.doesNotMatch(configurationText(choice(id, undefined, byEditor()), 'sh').text, /bearer|token/i);
  });
});

describe('mergeConfiguration', () => {
  const WITH_TOKEN: Readonly<Record<ClientId, object>> = {
    'claude-code': { type: 'http', url: HTTP.url, headers: BEARER },
    'copilot-cli': { type: 'http', url: HTTP.url, headers: BEARER, tools: ['*'] },
    'codex-cli': { url: HTTP.url, http_headers: BEARER },
    'gemini-cli': { httpUrl: HTTP.url, headers: BEARER },
    cursor: { url: HTTP.url, headers: BEARER },
    generic: { type: 'http', url: HTTP.url, headers: BEARER },
  };
  for (const client of CLIENTS)
    it(`writes address and token as ${client.label} reads them`, () => {
      const { text } = mergeConfiguration(choice(client.id, 'files', HTTP), '');
      const servers = { files: WITH_TOKEN[client.id] };
      const expected = client.format === 'toml' ? { mcp_servers: servers } : { mcpServers: servers };
      assert.deepEqual(plain(read(client.id, text)), expected);
    });

  const IDS = [
    'files',
    'my_files',
    `it's "so"`,
    'a b',
    'grün 日本',
    '${HOME}',
    '[x]\n[y]',
    '__proto__',
    '123',
  ];

  for (const client of CLIENTS.filter(({ projectFile }) => projectFile !== undefined))
    it(`fills ${client.projectFile!} of ${client.label} with what was chosen, one server after the other`, () => {
      let text = '';
      const expected: Record<string, unknown> = {};
      for (const id of [undefined, ...IDS]) {
        const merged = mergeConfiguration(choice(client.id, id, byEditor(id)), text);
        assert.equal(merged.replaces, false);
        text = merged.text;
        expected[merged.name] = client.entry(byEditor(id));
      }
      const file = plain(read(client.id, text)) as Record<string, unknown>;
      assert.deepEqual(file[client.format === 'toml' ? 'mcp_servers' : 'mcpServers'], expected);
      assert.equal(Object.keys(expected).length, IDS.length + 1);
    });
});
