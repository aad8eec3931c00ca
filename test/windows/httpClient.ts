import { request } from 'node:http';
import type { Line } from '../support/connectClient.js';

/** An answer over HTTP. */
export interface Reply {
  readonly status: number;
  readonly session: string | undefined;
  readonly text: string;
}

/** One session with an endpoint, by `node:http`, because Wine cannot carry `fetch`. */
export class HttpClient {
  #session: string | undefined;
  #ids = 0;

  /** @param socket of a pipe that is used in place of the port of `url` */
  constructor(
    private readonly url: string,
    private readonly token: string | undefined,
    private readonly socket?: string,
  ) {}

  post(message: object): Promise<Reply> {
    const { token, socket, url } = this;
    const { pathname, hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const outgoing = request({
        ...(socket === undefined ? { hostname, port } : { socketPath: socket }),
        path: pathname,
        method: 'POST',
        agent: false,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(this.#session === undefined ? {} : { 'mcp-session-id': this.#session }),
        },
      });
      outgoing.on('error', reject).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', reject).on('end', () => {
          const session = response.headers['mcp-session-id'] as string | undefined;
          resolve({ status: response.statusCode ?? 0, session, text });
        });
      });
      outgoing.end(JSON.stringify({ jsonrpc: '2.0', ...message }));
    });
  }

  /** @returns the status */
  async initialize(): Promise<number> {
    const { status, session } = await this.post({
      id: ++this.#ids,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'http-client', version: '1' },
      },
    });
    this.#session = session;
    if (status === 200) await this.post({ method: 'notifications/initialized' });
    return status;
  }

  async request(method: string, params: object = {}): Promise<Line> {
    const id = ++this.#ids;
    const { text } = await this.post({ id, method, params });
    // One message, or a stream of them.
    const messages = text.startsWith('{')
      ? [text]
      : [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => data!);
    const lines = messages.map((message) => JSON.parse(message) as Line);
    const answer = lines.find((line) => line.id === id);
    if (!answer) throw new Error(`No answer: ${text}`);
    return answer;
  }

  /** @returns the text of a tool's result */
  async call(name: string, args: object): Promise<string> {
    const { result, error } = await this.request('tools/call', { name, arguments: args });
    if (error) throw new Error(error.message);
    return (result!['content'] as { text: string }[])[0]!.text;
  }
}
