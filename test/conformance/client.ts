/**
 * Our upstream side as the client that a scenario of the conformance suite looks at: a gateway with one server, whose URL is
 * the last argument; `MCP_CONFORMANCE_SCENARIO` says what is to be done with it.
 */
import { ClientError, type Client } from '../../src/gateway/model/client.js';
import { testGateway } from '../support/gateway.js';

type Params = Readonly<Record<string, unknown>>;

/** What each scenario wants to be called; the others want nothing but the handshake and a list. */
const CALLS: Readonly<Record<string, readonly [tool: string, args: Params] | undefined>> = {
  tools_call: ['add_numbers', { a: 2, b: 3 }],
  'elicitation-sep1034-client-defaults': ['test_client_elicitation_defaults', {}],
  'sse-retry': ['test_reconnection', {}],
};

/** A user who sends every form as it is shown: with its defaults (SEP-1034). */
const host: Client = {
  key: 'host',
  capabilities: { elicitation: { form: {} } },
  answers: ({ method }) => method === 'elicitation/create',
  answer: ({ params }) => {
    const { requestedSchema } = params as {
      requestedSchema?: { properties?: Record<string, { default?: unknown }> };
    };
    if (requestedSchema === undefined) return Promise.reject(new ClientError(-32602, 'There is no form'));
    const content = Object.fromEntries(
      Object.entries(requestedSchema.properties ?? {}).flatMap(([name, field]) =>
        'default' in field ? [[name, field.default]] : [],
      ),
    );
    return Promise.resolve({ action: 'accept', content });
  },
};

async function main(): Promise<void> {
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    const web = { type: 'http', url: process.argv.at(-1) };
    const { gateway, lines } = await testGateway({ web }, cleanups, { gracePeriodMs: 10_000, host });
    const { items, omitted } = await gateway.listTools();
    if (omitted.length > 0)
      throw new Error(`It is not listed:\n${JSON.stringify(omitted)}\n${lines.join('\n')}`);
    const call = CALLS[process.env.MCP_CONFORMANCE_SCENARIO ?? ''];
    if (call === undefined) return;
    const [tool, args] = call;
    const name = items.find((item) => item.tool.name === tool)?.name;
    if (name === undefined) throw new Error(`There is no tool ${tool}`);
    await gateway.callTool(name, args);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
