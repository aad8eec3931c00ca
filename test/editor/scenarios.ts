import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repoRoot } from '../support/vscode/paths.js';

/** One start of VS Code and the tests that run in it. */
export interface Scenario {
  /** The tag of its tests' titles. */
  readonly tag: '@main' | '@second' | '@agent' | '@dead' | '@bad' | '@untrusted';
  readonly folder: string;
  readonly userSettings: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** VS Code's data; a scenario that names the same as the one before it is its second start. */
  readonly data: string;
}

const SPAWN_LOG_MODULE = join(repoRoot, 'test', 'fixtures', 'spawn-log.cjs');

/**
 * Starts of a server are noted in the file that XDG_SPAWN_LOG names; it is inherited, so that it is no part of the
 * definition, and begins with XDG, so that servers of a workspace inherit it too.
 */
const noted = (name: string, server: { args: readonly string[]; env?: object }): object => ({
  command: process.execPath,
  ...server,
  env: { ...server.env, NODE_OPTIONS: `--require "${SPAWN_LOG_MODULE}"`, SPAWN_NAME: name },
});

const publicServer = (name: string, ...args: string[]): object =>
  noted(name, {
    args: [
      join(repoRoot, 'node_modules', '@modelcontextprotocol', `server-${name}`, 'dist', 'index.js'),
      ...args,
    ],
  });

const scriptedServer = (name: string, script: object): object =>
  noted(name, {
    args: [join(repoRoot, 'test', 'fixtures', 'servers', 'scripted-server.mjs')],
    env: { SCRIPT: JSON.stringify(script) },
  });

/** What the suites run in, in order; everything is written below `scratch`. */
export async function writeScenarios(scratch: string): Promise<readonly Scenario[]> {
  const three = await workspace(scratch, 'three', (folder) => ({
    everything: publicServer('everything'),
    filesystem: publicServer('filesystem', folder),
    memory: publicServer('memory'),
  }));
  const dead = await workspace(scratch, 'dead', () => ({
    everything: publicServer('everything'),
    memory: publicServer('memory'),
    dead: scriptedServer('dead', { silent: true }),
  }));
  const agent = await workspace(scratch, 'agent', () => ({
    growing: {
      ...scriptedServer('growing', { tools: ['add-tool', 'read-note'] }),
      title: 'Growing server',
    },
    'io.example/with 50%': scriptedServer('slashed', { tools: ['read-slashed'] }),
    hidden: { ...scriptedServer('hidden', { tools: ['read-note'] }), agentMode: false },
  }));
  const bad = await workspace(scratch, 'bad', () => {
    const servers: Record<string, object> = {};
    for (let index = 0; index < 10; index++) {
      servers[`silent${index}`] = scriptedServer('silent', { silent: true });
      servers[`absent${index}`] = { command: `no-such-command-${index}` };
    }
    return { ...servers, growing: scriptedServer('growing', { tools: ['add-tool', 'sleep'] }) };
  });
  const untrusted = await workspace(scratch, 'untrusted', () => ({
    own: publicServer('memory'),
    mine: publicServer('memory'),
  }));
  // Nobody is there to answer; asking has tests of its own, in driven windows.
  const quiet = { 'mcpGateway.approval': 'never' };
  const scenario = (tag: Scenario['tag'], folder: string, data: string, userSettings: object): Scenario => ({
    tag,
    folder,
    data: join(scratch, data),
    // So are the servers of most; that a workspace's servers wait for a consent has tests of its own.
    userSettings: { ...quiet, 'mcpGateway.trustFolders': [folder], ...userSettings },
    env: { SCENARIO_DIR: scratch, XDG_SPAWN_LOG: join(scratch, `${tag.slice(1)}.spawns`), SUITE_GREP: tag },
  });
  return [
    scenario('@main', three, 'data', {}),
    scenario('@second', three, 'data', {}),
    scenario('@agent', agent, 'data-agent', {}),
    scenario('@dead', dead, 'data-dead', { 'mcpGateway.gracePeriodMs': 2000 }),
    scenario('@bad', bad, 'data-bad', { 'mcpGateway.gracePeriodMs': 2000 }),
    scenario('@untrusted', untrusted, 'data-untrusted', {
      'mcpGateway.gracePeriodMs': 20_000,
      'mcpGateway.servers': {
        mine: noted('mine', { args: memoryArgs }),
        here: { ...noted('here', { args: memoryArgs }), cwd: '${workspaceFolder}' },
      },
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.emptyWindow': false,
    }),
  ];
}

const memoryArgs = [
  join(repoRoot, 'node_modules', '@modelcontextprotocol', 'server-memory', 'dist', 'index.js'),
];

async function workspace(
  scratch: string,
  name: string,
  servers: (folder: string) => Record<string, object>,
): Promise<string> {
  const folder = join(scratch, name);
  await mkdir(join(folder, '.vscode'), { recursive: true });
  const settings = { 'mcpGateway.servers': servers(folder) };
  await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings, undefined, 2));
  return folder;
}
