import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startScriptedHttp } from '../fixtures/servers/scripted/http.mjs';
import { scriptedServer } from './gateway.js';

/** A bad server, ready to be used. */
export interface BadServer {
  /** Its entry in the settings. */
  readonly definition: Record<string, unknown>;
  /** The processes that were ever started for that entry, with their grandchildren. */
  readonly pids: () => Promise<number[]>;
  /** Ends what the entry itself does not start and stop. */
  readonly close: () => Promise<void>;
}

type Table = Readonly<Record<string, () => Promise<BadServer>>>;
type Script = Readonly<Record<string, unknown>>;

const httpServer = resolve('test/fixtures/servers/scripted-http-server.mjs');

const noPids = (): Promise<number[]> => Promise.resolve([]);

const stdio = (script: Script) => async (): Promise<BadServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-gateway-bad-'));
  const spawnLog = join(folder, 'spawns');
  return {
    definition: scriptedServer({ spawnLog, ...script }),
    pids: async () => {
      const text = await readFile(spawnLog, 'utf8').catch(() => '');
      return [...text.matchAll(/^(?:grandchild )?(\d+)$/gm)].map(([, pid]) => Number(pid));
    },
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
};

const http = (script: Script) => async (): Promise<BadServer> => {
  const { url, close } = await startScriptedHttp(script);
  return { definition: { url }, pids: noPids, close };
};

/** For what would hold the test's own process up. */
const httpProcess = (script: Script) => async (): Promise<BadServer> => {
  const child = spawn(process.execPath, [httpServer], {
    env: { ...process.env, SCRIPT: JSON.stringify(script) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    definition: { url: line.toString('utf8').trim() },
    pids: noPids,
    close: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
};

/** Accepts every connection and never says a word. */
async function silentTcp(): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    definition: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` },
    pids: noPids,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** They never become ready, and say or show at once why. */
export const failingServers = {
  'no such command': () =>
    Promise.resolve({
      definition: { command: 'no-such-command-here' },
      pids: noPids,
      close: () => Promise.resolve(),
    }),
  'exits at once': stdio({ exit: 4, stderr: 'cannot open the database' }),
  'exits after the handshake': stdio({ exitAfterInit: 5, stderr: 'one moment' }),
  'endless pagination': stdio({ endless: true }),
  'the same page for ever': stdio({ endless: 'same' }),
  'a list that is too large': stdio({ toolDefs: [{ name: 'huge', description: 20 * 1024 * 1024 }] }),
  'a list of a million items': stdio({ tiny: 1_000_000 }),
  'HTTP 401': http({ status: 401 }),
  'HTTP 404': http({ status: 404 }),
  'HTTP 429': http({ status: 429 }),
  'HTTP 500': http({ status: 500 }),
  'HTTP 500 after the handshake': http({ statusFor: { 'tools/list': 500 } }),
  'HTML instead of MCP': http({ html: true }),
} satisfies Table;

/** They never become ready and never say why: the start's time runs out. */
export const silentServers = {
  'silent on stdio': stdio({ silent: true }),
  'silent on TCP': silentTcp,
  'prints and never answers': stdio({ silent: true, stdout: 'Server listening on port 3000' }),
  'hangs while it lists': stdio({ hang: ['tools/list'] }),
} satisfies Table;

/** Odd or badly behaved, but good enough that their tools work. */
export const oddServers = {
  'slow to start': stdio({ initDelayMs: 150 }),
  'prints garbage': stdio({ garbage: true }),
  'floods stderr': stdio({ floodStderr: true }),
  'floods list_changed': stdio({ floodChanges: true }),
  '5,000 tools': stdio({ tools: 5000 }),
  'ignores SIGTERM': stdio({ stubborn: true }),
  'has grandchildren that ignore SIGTERM': stdio({ grandchild: 'stubborn' }),
  'answers out of order': stdio({ outOfOrder: 50 }),
  'answers twice': stdio({ twice: true }),
  'answers twice over HTTP': http({ twice: true }),
  'answers what nobody asked': stdio({ unknownIds: true }),
  'answers what nobody asked over HTTP': http({ unknownIds: true }),
  'asks before it answers initialize': stdio({ early: true }),
  'asks before it answers initialize over HTTP': http({ early: true }),
  'changes its tools with every call': stdio({ changing: true }),
  'drops the stream for notifications': http({ dropStream: 20 }),
  'loses its sessions': http({ forgetEvery: 2 }),
} satisfies Table;

/** They list well and fail calls. */
export const failingCalls = {
  'exits in a call': stdio({ tools: ['crash', 'echo'] }),
  'closes its output in a call': stdio({ tools: ['close-stdout', 'echo'] }),
  '100 MB result': stdio({ tools: ['big', 'echo'] }),
  'too large a result with its id last': stdio({ tools: ['big', 'echo'], idLast: true }),
  'too large a result over HTTP': httpProcess({ tools: ['big', 'echo'] }),
  'too large a result as JSON over HTTP': httpProcess({ tools: ['big', 'echo'], json: true }),
  'drops the stream of an answer': http({ dropAnswer: ['tools/call'] }),
  'HTTP 429 to calls': http({ statusFor: { 'tools/call': 429 } }),
} satisfies Table;

/** The bench: every bad server by name. */
export const badServers: Table = { ...failingServers, ...silentServers, ...oddServers, ...failingCalls };
