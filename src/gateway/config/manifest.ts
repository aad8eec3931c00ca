import { z } from 'zod';
import { foreignFields } from './fields.js';
import { limits, serverEntrySchema } from './schema.js';

/** A JSON schema (draft 7) with VS Code's own keywords. */
type Schema = Readonly<Record<string, unknown>>;

const stdioExample = { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'] };
const httpExample = { type: 'http', url: 'http://localhost:3000/mcp' };

/** Built from {@link serverEntrySchema}, so that the editor and the load check by the same rules. */
function serverSchema(): Schema {
  const schema = z.toJSONSchema(serverEntrySchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // At load an unknown field is a warning; the editor shows everything as a warning, so there it is "not allowed".
      if (jsonSchema.properties) jsonSchema.additionalProperties = false;
      // Says nothing, and the settings editor would rather not see it.
      if (jsonSchema.propertyNames && Object.keys(jsonSchema.propertyNames).length === 1)
        delete jsonSchema.propertyNames;
    },
  });
  delete schema.$schema;
  return {
    ...schema,
    // As patterns, because properties would be offered as completions.
    patternProperties: { [`^(${foreignFields.join('|')})$`]: {} },
    anyOf: [{ required: ['command'] }, { required: ['url'] }],
    errorMessage: 'A server needs "command" (a program) or "url" (a server that runs elsewhere).',
    defaultSnippets: [
      { label: 'Program (stdio)', body: { command: '${1:npx}', args: ['${2:-y}', '${3:package}'] } },
      { label: 'URL (http)', body: { type: 'http', url: '${1:http://localhost:3000/mcp}' } },
    ],
  };
}

/** The JSON schema of `mcpGateway.servers`, for `contributes.configuration` in package.json. */
export function settingsSchema(): Schema {
  return {
    type: 'object',
    scope: 'resource',
    markdownDescription:
      'MCP servers by name. An entry of VS Code\'s `mcp.json` ("servers") or of Claude Desktop ("mcpServers") works unchanged. Each has a `command` (a program) or a `url`.',
    default: {},
    examples: [{ memory: stdioExample, remote: httpExample }],
    defaultSnippets: [
      {
        label: 'Program (stdio)',
        body: { '${1:name}': { command: '${2:npx}', args: ['-y', '${3:package}'] } },
      },
      { label: 'URL (http)', body: { '${1:name}': { type: 'http', url: '${2:http://localhost:3000/mcp}' } } },
    ],
    maxProperties: limits.servers,
    propertyNames: { minLength: 1, maxLength: limits.idLength },
    additionalProperties: serverSchema(),
  };
}

/** `contributes.configuration.properties` of package.json, whole; `scripts/manifest.ts` writes it there. */
export function manifestConfiguration(): Readonly<Record<string, Schema>> {
  return {
    'mcpGateway.servers': settingsSchema(),
    'mcpGateway.gracePeriodMs': {
      type: 'integer',
      default: 5000,
      minimum: 0,
      maximum: 60_000,
      markdownDescription:
        'Milliseconds that a list of tools may wait for a server that is still starting. Paid once, for all servers together; its tools come later by themselves.',
    },
    'mcpGateway.idleStopMinutes': {
      type: 'number',
      default: 0,
      minimum: 0,
      maximum: 1440,
      markdownDescription:
        'Minutes without a request after which a stdio server is stopped; it starts again with the next call. 0: never.',
    },
    'mcpGateway.approval': {
      type: 'string',
      // A folder that one has cloned must not be able to switch the asking off.
      scope: 'application',
      enum: ['always', 'writes', 'never'],
      enumDescriptions: [
        'Ask before every tool call of the model, whatever was allowed before.',
        'Ask before a tool runs, unless it was allowed, or only reads and its server is trusted to say so.',
        'Never ask: every tool that the model asks for is run.',
      ],
      default: 'writes',
      markdownDescription: 'When `@mcp` asks before it runs a tool.',
    },
    'mcpGateway.trustReadOnly': {
      type: 'array',
      // Which of the user's servers tell the truth is for the user to say.
      scope: 'application',
      items: { type: 'string', minLength: 1, maxLength: limits.idLength },
      maxItems: limits.servers,
      uniqueItems: true,
      default: [],
      examples: [['filesystem']],
      markdownDescription:
        'Ids of servers in your user settings whose tools run unasked where they say that they only read. A server can say so of any tool; for all other servers `@mcp` asks.',
    },
    'mcpGateway.trustFolders': {
      type: 'array',
      // A folder that one has cloned must not be able to name itself.
      scope: 'application',
      items: { type: 'string', minLength: 1 },
      maxItems: 500,
      uniqueItems: true,
      default: [],
      examples: [['~/work/project']],
      markdownDescription:
        'Paths of folders whose settings may bring and replace servers without asking you. Only these folders, not those below them; an untrusted folder stays untrusted.',
    },
    'mcpGateway.chat.maxRounds': {
      type: 'integer',
      default: 20,
      minimum: 1,
      maximum: 200,
      markdownDescription: 'How many times `@mcp` lets the model call tools before it must answer.',
    },
    'mcpGateway.agentMode.enabled': {
      type: 'boolean',
      default: true,
      markdownDescription:
        "Whether VS Code's agent mode has the servers, through the endpoint; per server: `agentMode`.",
    },
    'mcpGateway.endpoint.enabled': {
      type: 'boolean',
      // A folder that one has cloned must not be able to open a port.
      scope: 'machine',
      default: true,
      markdownDescription:
        'Whether other agents on this machine, and agent mode, can use the servers: MCP over HTTP on `127.0.0.1`, for whoever has the token.',
    },
    'mcpGateway.endpoint.port': {
      type: 'integer',
      scope: 'machine',
      default: 0,
      minimum: 0,
      maximum: 65_535,
      markdownDescription:
        'The port of the endpoint. 0: chosen once and remembered. Where it is taken, as by another window, another is used.',
    },
  };
}
