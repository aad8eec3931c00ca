import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Endpoint } from '../../src/endpoint/endpoint.js';
import { startEndpoint } from '../../src/endpoint/startEndpoint.js';
import type { ClientToken } from '../../src/endpoint/tokens/clientToken.js';
import { LiveTokens } from '../../src/endpoint/tokens/liveTokens.js';
import { newSelf } from '../../src/gateway/createGateway.js';
import type { Client as Host } from '../../src/gateway/model/client.js';
import { G, testGateway, type TestGateway } from './gateway.js';

export const TOKEN = 'test-token-0123456789-0123456789-0123456789';

export type Fields = Record<string, unknown>;

export interface TestEndpoint extends TestGateway {
  readonly endpoint: Endpoint;
  /** A client that nobody here wrote, connected to one server's path, or to that of all. */
  readonly connect: (server?: string, options?: ConnectOptions) => Promise<TestClient>;
}

export interface ConnectOptions {
  readonly capabilities?: ClientCapabilities;
  /** Answers what servers ask; a method that is not here is refused. */
  readonly answers?: Readonly<Record<string, (params: Fields, signal: AbortSignal) => unknown>>;
  readonly meta?: Fields;
  /** How it names itself. */
  readonly name?: string;
  /** Of the client's own; else the endpoint's. */
  readonly token?: string;
}

export interface TestClient {
  readonly client: Client;
  /** Notifications in the order in which they came. */
  readonly heard: { readonly method: string; readonly params: Fields }[];
  /** Any request, its result as it came. */
  readonly request: (
    method: string,
    params?: Fields,
    options?: Parameters<Client['request']>[2],
  ) => Promise<Fields>;
  /** Ends its session, and not only the connection. */
  readonly end: () => Promise<void>;
}

/** The text of a tool's result. */
export const textOf = (result: Fields): string => String((result.content as { text?: unknown }[])[0]?.text);

/** A gateway on real processes with its endpoint. */
export async function testEndpoint(
  servers: Record<string, unknown>,
  cleanups: (() => Promise<unknown>)[],
  options: { gracePeriodMs?: number; cacheDir?: string; host?: Host; clients?: readonly ClientToken[] } = {},
): Promise<TestEndpoint> {
  const { clients = [] } = options;
  const self = newSelf(resolve('dist'));
  const opened: Endpoint[] = [];
  const made = await testGateway(servers, cleanups, {
    gracePeriodMs: 50 * G,
    ...options,
    self: { ...self, addresses: () => opened.flatMap((endpoint) => endpoint.addresses()) },
  });
  const quiet = (): void => undefined;
  const endpoint = await startEndpoint({
    gateway: made.gateway,
    instance: self.instance,
    info: { name: 'mcp-tool-gateway', title: 'Test', version: '0' },
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    token: () => TOKEN,
    clients: new LiveTokens(() => Promise.resolve(clients)),
    port: 0,
  });
  opened.push(endpoint);
  cleanups.push(() => endpoint.dispose());
  return {
    ...made,
    endpoint,
    connect: (server, connectOptions) =>
      connectTo(server === undefined ? endpoint.url : endpoint.urlOf(server), cleanups, connectOptions),
  };
}

async function connectTo(
  url: string,
  cleanups: (() => Promise<unknown>)[],
  { capabilities = {}, answers = {}, name = 'test', token = TOKEN }: ConnectOptions = {},
): Promise<TestClient> {
  const client = new Client({ name, version: '0' }, { capabilities });
  const heard: { method: string; params: Fields }[] = [];
  client.fallbackNotificationHandler = ({ method, params }) => {
    heard.push({ method, params: params ?? {} });
    return Promise.resolve();
  };
  client.fallbackRequestHandler = async ({ method, params }, { signal }) => {
    const answer = answers[method];
    if (!answer) throw Object.assign(new Error(`No answer to ${method}`), { code: -32601 });
    return (await answer(params ?? {}, signal)) as Fields;
  };
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  cleanups.push(() => client.close());
  await client.connect(transport);
  return {
    client,
    heard,
    request: (method, params, options) =>
      client.request({ method, ...(params ? { params } : {}) }, z.looseObject({}), options),
    end: async () => {
      await transport.terminateSession();
      await client.close();
    },
  };
}
