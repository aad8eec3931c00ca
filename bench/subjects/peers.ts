import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Served } from './http.js';
import { startProgram, STDIO_SERVER, type Program } from './programs.js';

/** Where the peers are installed; not part of the project. */
const FOLDER = join(process.cwd(), 'bench', '.peers');

/** The public gateways, in the versions that are measured. */
export const PEER_VERSIONS = { 'mcp-hub': '4.2.1', 'mcp-proxy': '6.7.19', supergateway: '4.0.0' } as const;

export interface RunningPeer {
  readonly program: Program;
  readonly served: Served;
}

export interface Peer {
  readonly name: string;
  /** In front of the bench's server, in its documented configuration. @param home for what it writes */
  readonly start: (home: string) => Promise<RunningPeer>;
}

/** Installs the peers, once. @throws what npm says when it cannot */
export async function installPeers(): Promise<void> {
  const names = Object.keys(PEER_VERSIONS);
  const marker = join(FOLDER, `installed-${Object.entries(PEER_VERSIONS).flat().join('-')}`);
  if (await exists(marker)) return;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(
    join(FOLDER, 'package.json'),
    JSON.stringify({ private: true, dependencies: PEER_VERSIONS }),
  );
  console.error(`Installing ${names.join(', ')} …`);
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: FOLDER,
  });
  await writeFile(marker, '');
}

const bin = (name: string): string => join(FOLDER, 'node_modules', '.bin', name);

export const PEERS: readonly Peer[] = [
  {
    name: 'mcp-hub',
    start: async (home) => {
      const config = join(home, 'mcp-hub.json');
      const bench = { command: process.execPath, args: [STDIO_SERVER], env: {} };
      await writeFile(config, JSON.stringify({ mcpServers: { bench } }));
      const port = await freePort();
      const program = await startProgram(
        bin('mcp-hub'),
        ['--port', String(port), '--config', config],
        /"?(?:HUB_READY|ready|MCP_HUB_STARTED)"?|Successfully initialized/i,
        { env: { ...process.env, HOME: home } },
      );
      return { program, served: { url: `http://127.0.0.1:${port}/mcp`, prefix: 'bench__', sse: true } };
    },
  },
  {
    name: 'mcp-proxy',
    start: async () => {
      const port = await freePort();
      const program = await startProgram(
        bin('mcp-proxy'),
        ['--port', String(port), '--server', 'stream', '--', process.execPath, STDIO_SERVER],
        /starting server on port|listening|server started/i,
      );
      return { program, served: { url: `http://127.0.0.1:${port}/mcp` } };
    },
  },
  ...(['stateful', 'stateless'] as const).map((kind): Peer => ({
    name: `supergateway (${kind})`,
    start: async () => {
      const port = await freePort();
      const program = await startProgram(
        bin('supergateway'),
        [
          ...['--stdio', `${process.execPath} ${STDIO_SERVER}`],
          ...['--outputTransport', 'streamableHttp', '--port', String(port)],
          ...(kind === 'stateful' ? ['--stateful'] : []),
        ],
        /listening on port/i,
      );
      return { program, served: { url: `http://127.0.0.1:${port}/mcp` } };
    },
  })),
];

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
