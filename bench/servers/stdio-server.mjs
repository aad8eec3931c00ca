// The server that gateways are put in front of: made with the SDK, on stdio. OPTIONS (JSON): tools, startMs, startWork, silent.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { startWork } from './start-work.mjs';
import { resultOf, toolsOf } from './tools.mjs';

const {
  tools: count = 1,
  startMs = 0,
  startWork: modules = 0,
  silent = false,
} = JSON.parse(process.env.OPTIONS ?? '{}');
if (silent) {
  process.stdin.resume();
} else {
  startWork(modules);
  await new Promise((resolve) => setTimeout(resolve, startMs));
  const tools = toolsOf(count);
  const server = new Server({ name: 'bench', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => resultOf(params));
  await server.connect(new StdioServerTransport());
}
