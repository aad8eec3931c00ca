import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { callerOf, type Caller } from './caller.js';
import { STDIO_SERVER } from './programs.js';

/** Milliseconds that a server may take to start, also when many do. */
const START_MS = 300_000;
const info = { name: 'bench', version: '1' };
const server = (options: object): { command: string; args: string[]; env: Record<string, string> } => ({
  command: process.execPath,
  args: [STDIO_SERVER],
  env: { ...(process.env as Record<string, string>), OPTIONS: JSON.stringify(options) },
});

/**
 * The SDK's client directly on the server's stdio.
 * @param options of the server
 * @param call those of each call
 */
export async function direct(options: object = {}, call?: RequestOptions): Promise<Caller> {
  const client = new Client(info);
  await client.connect(new StdioClientTransport(server(options)), { timeout: START_MS });
  return sdkCaller(client, '', call);
}

/** The same, and each call asks to be told of progress, as ours do. */
export const directWithProgress = (): Promise<Caller> => direct({}, { onprogress: () => undefined });

/** The SDK's client, of either version, as a caller. */
export const sdkCaller = (
  client: Pick<Client, 'callTool' | 'listTools' | 'close'>,
  prefix = '',
  options?: RequestOptions,
): Caller =>
  callerOf(
    (method, params) =>
      method === 'tools/list'
        ? client.listTools(params)
        : client.callTool(params as Parameters<Client['callTool']>[0], undefined, options),
    () => client.close(),
    prefix,
  );

/** The second version of the SDK's client, directly on the server's stdio. */
export async function directV2(): Promise<Caller> {
  const client = new ClientV2(info);
  await client.connect(new StdioV2(server({})));
  return callerOf(
    (method, params) =>
      method === 'tools/list'
        ? client.listTools(params)
        : client.callTool(params as Parameters<ClientV2['callTool']>[0]),
    () => client.close(),
  );
}

interface Line {
  readonly id?: number;
  readonly result?: unknown;
}

/** The least that anything in front of the server could do: lines out, lines in, matched by id. */
export async function floor(): Promise<Caller> {
  const { command, args, env } = server({});
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (result: unknown) => void>();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id, result } = JSON.parse(line) as Line;
      if (id === undefined) continue;
      waiting.get(id)?.(result);
      waiting.delete(id);
    }
  });
  let last = 0;
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  const request = (method: string, params: Record<string, unknown>): Promise<unknown> =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      send({ jsonrpc: '2.0', id, method, params });
    });
  await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: info });
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return callerOf(request, async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
}
