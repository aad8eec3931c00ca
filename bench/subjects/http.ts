import { Agent, request as httpRequest } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { callerOf, type Caller } from './caller.js';
import { sdkCaller } from './stdio.js';

/** Where something is served over Streamable HTTP. */
export interface Served {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What stands before the names of tools. */
  readonly prefix?: string;
  /** Whether it speaks the old HTTP+SSE only. */
  readonly sse?: boolean;
}

/** The SDK's client over HTTP. */
export async function overSdk({ url, headers = {}, prefix = '', sse = false }: Served): Promise<Caller> {
  const client = new Client({ name: 'bench', version: '1' });
  if (sse) {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- One of the peers speaks nothing else.
    await client.connect(new SSEClientTransport(new URL(url)));
    return sdkCaller(client, prefix);
  }
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
  });
  await client.connect(transport);
  return sdkCaller(client, prefix);
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Connections that stay, and nothing but JSON: what is left is what the server needs. What has no such way is used with the SDK. */
export async function overThin(served: Served, sockets = 16): Promise<Caller> {
  const { url, headers = {}, prefix = '', sse = false } = served;
  if (sse) return overSdk(served);
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const own: Record<string, string> = {
    ...headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  let last = 0;
  const post = (message: object): Promise<{ session: string | undefined; text: string }> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(message);
      const request = httpRequest(
        url,
        { method: 'POST', agent, headers: { ...own, 'content-length': Buffer.byteLength(body) } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const { statusCode = 0 } = response;
            if (statusCode >= 300) reject(new Error(`HTTP ${statusCode}: ${text.slice(0, 500)}`));
            else resolve({ session: response.headers['mcp-session-id'] as string | undefined, text });
          });
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        // Servers close what was idle between two turns, some of them just when it is used again.
        if (request.reusedSocket && error.code === 'ECONNRESET') {
          console.error(`A connection to ${url} had been closed; its request is sent again.`);
          resolve(post(message));
        } else reject(error);
      });
      request.end(body);
    });
  const request = async (method: string, params: Record<string, unknown>): Promise<unknown> => {
    const id = ++last;
    const { text, session } = await post({ jsonrpc: '2.0', id, method, params });
    if (session !== undefined) own['mcp-session-id'] = session;
    const { result, error } = answerIn(text, id);
    if (error) throw new Error(error.message);
    return result;
  };
  const clientInfo = { name: 'bench', version: '1' };
  await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  own['mcp-protocol-version'] = '2025-06-18';
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return callerOf(
    request,
    () => {
      agent.destroy();
      return Promise.resolve();
    },
    prefix,
  );
}

/** The answer in a body that is JSON or a stream of events. */
function answerIn(text: string, id: number): Message {
  if (text.startsWith('{')) return JSON.parse(text) as Message;
  for (const [, data = ''] of text.matchAll(/^data: ?(.+)$/gm)) {
    const message = JSON.parse(data) as Message;
    if (message.id === id) return message;
  }
  throw new Error(`There is no answer in ${text.slice(0, 500)}`);
}
