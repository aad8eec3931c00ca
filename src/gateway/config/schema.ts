import { z } from 'zod';

/** Bounds of the settings, so that a slip of the keyboard cannot cost memory or a wait without end. */
export const limits = {
  servers: 500,
  idLength: 100,
  titleLength: 200,
  globLength: 256,
  globs: 500,
  inherited: 500,
  /** Milliseconds: one hour, for servers that are downloaded at their first start. */
  connectMs: 3_600_000,
  /** Milliseconds: one day. */
  callMs: 86_400_000,
  /** Milliseconds: one hour. */
  listMs: 3_600_000,
  /** Milliseconds: ten minutes, because the old process stays that long beside the new one. */
  drainMs: 600_000,
  maxConcurrency: 1000,
} as const;

export const defaultTimeouts = {
  connectMs: 60_000,
  callMs: 120_000,
  listMs: 60_000,
  drainMs: 10_000,
} as const;

export const defaultMaxConcurrency = 32;

/**
 * What a field demands, said after the field's name in a problem: `"command" must be text, …`. The sentence is the
 * error of the whole field, so that a wrong type, a wrong item and a wrong size all say what would be right.
 */
const demand = (error: string): { error: string } => ({ error });

const wholeNumber = (unit: string, fallback: number, most: number, what: string): z.ZodOptional<z.ZodInt> => {
  const error = demand(`must be a whole number${unit} from 1 to ${most}, such as ${fallback}.`);
  return z
    .int(error)
    .min(1, error)
    .max(most, error)
    .optional()
    .meta({ markdownDescription: what, default: fallback, examples: [fallback * 2] });
};

const milliseconds = (fallback: number, most: number, what: string): z.ZodOptional<z.ZodInt> =>
  wholeNumber(' of milliseconds', fallback, most, what);

const globList = (what: string, examples: string[][]): z.ZodOptional<z.ZodArray<z.ZodString>> => {
  const error = demand(
    `must be a list of at most ${limits.globs} patterns, each text of 1 to ${limits.globLength} characters, such as ["read_*"].`,
  );
  return z
    .array(z.string(error).min(1, error).max(limits.globLength, error), error)
    .max(limits.globs, error)
    .optional()
    .meta({ markdownDescription: what, examples });
};

const textError = (example: string): { error: string } => demand(`must be text, such as "${example}".`);
const envError = demand('must be text, a number, true, false or null; null removes the variable.');
const argsError = demand('must be a list of texts, such as ["--port", "3000"].');
const inheritError = demand('must be "all", "safe" or a list of names, such as ["safe", "GITHUB_TOKEN"].');
const headersError = demand('must be an object of texts, such as { "X-Key": "${env:MY_KEY}" }.');

const folderNote =
  'A relative path is taken from the workspace folder; `~` at the start is the home directory.';
const variablesNote =
  'Variables: `${workspaceFolder}`, `${workspaceFolder:name}`, `${userHome}`, `${env:NAME}`, `${config:key}`, `${pathSeparator}`.';

/** One server as the settings have it, before variables are replaced. Fields it does not know pass through. */
export const serverEntrySchema = z.looseObject(
  {
    type: z
      .enum(
        ['stdio', 'http', 'sse', 'streamable-http'],
        demand('must be "stdio" for a program, or "http" or "sse" for a URL.'),
      )
      .optional()
      .meta({
        description: 'How the server is reached. Inferred from `command` or `url` where it is left out.',
        enumDescriptions: [
          'A program that speaks MCP on its standard input and output; needs "command".',
          'A server reached by Streamable HTTP, with the old HTTP+SSE as fallback; needs "url".',
          'A server reached by the old HTTP+SSE transport only; needs "url".',
          'The same as "http".',
        ],
      }),
    command: z
      .string(textError('npx'))
      .optional()
      .meta({
        markdownDescription: `The program that is the server. \`~\` at the start is the home directory. ${variablesNote}`,
        examples: ['npx', 'uvx', 'node', 'docker'],
      }),
    args: z
      .array(z.string(textError('--verbose')), argsError)
      .optional()
      .meta({
        markdownDescription: `Arguments of the program, one text each. ${variablesNote}`,
        examples: [['-y', '@modelcontextprotocol/server-filesystem', '${workspaceFolder}']],
      }),
    env: z
      .record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean(), z.null()], envError),
        demand('must be an object of names and values, such as { "LOG_LEVEL": "debug" }.'),
      )
      .optional()
      .meta({
        markdownDescription: `Environment variables of the program, on top of the inherited ones; \`null\` removes one. Wins over \`envFile\`. Keep secrets out of the settings: use \`\${env:NAME}\`. ${variablesNote}`,
        examples: [{ API_KEY: '${env:MY_API_KEY}' }],
      }),
    inheritEnv: z
      .union(
        [
          z.enum(['all', 'safe']),
          z
            .array(z.string(inheritError).min(1, inheritError), inheritError)
            .max(limits.inherited, inheritError),
        ],
        inheritError,
      )
      .optional()
      .meta({
        markdownDescription:
          'What the program inherits of the environment of VS Code: `all`, `safe` (`PATH`, home, locale, temporary folder, proxy, certificates, display and what the system needs) or a list of names, in which `safe` stands for those. Never what only other servers name with `${env:NAME}`. Left out: `all`; for servers of a workspace `safe`, of which they can only inherit less.',
        examples: ['safe', ['safe', 'GITHUB_TOKEN'], ['PATH', 'HOME']],
      }),
    envFile: z
      .string(textError('${workspaceFolder}/.env'))
      .optional()
      .meta({
        markdownDescription: `A file of environment variables, one \`NAME=value\` a line. ${folderNote} ${variablesNote}`,
        examples: ['${workspaceFolder}/.env'],
      }),
    cwd: z
      .string(textError('${workspaceFolder}'))
      .optional()
      .meta({
        markdownDescription: `The folder that the program runs in; the workspace folder (in user settings: the home directory) where it is left out. ${folderNote} ${variablesNote}`,
        examples: ['${workspaceFolder}'],
      }),
    url: z
      .string(textError('https://example.com/mcp'))
      .optional()
      .meta({
        markdownDescription: `The address of the server, starting with \`http://\` or \`https://\`. ${variablesNote}`,
        pattern: '^(https?://|.*\\$\\{)',
        patternErrorMessage: 'The address must start with http:// or https://.',
        examples: ['http://localhost:3000/mcp'],
      }),
    headers: z
      .record(z.string(), z.string(headersError), headersError)
      .optional()
      .meta({
        markdownDescription: `HTTP headers sent with every request. Keep secrets out of the settings: use \`\${env:NAME}\`. ${variablesNote}`,
        examples: [{ Authorization: 'Bearer ${env:MY_TOKEN}' }],
      }),
    title: z
      .string(textError('My server'))
      .max(
        limits.titleLength,
        demand(`must be text of at most ${limits.titleLength} characters, such as "My server".`),
      )
      .optional()
      .meta({ description: 'The name shown to people; the key of the server where it is left out.' }),
    disabled: z.boolean(demand('must be true or false.')).optional().meta({
      description: 'Leaves the server out without deleting its settings.',
      default: false,
    }),
    enabled: z.boolean(demand('must be true or false.')).optional().meta({
      markdownDescription:
        '`false` leaves the server out, as `disabled` does; for entries that were written for other clients.',
      default: true,
    }),
    agentMode: z.boolean(demand('must be true or false.')).optional().meta({
      description: "Whether VS Code's agent mode has the server, where `mcpGateway.agentMode.enabled` is on.",
      default: true,
    }),
    questions: z
      .enum(['during-calls', 'always'], demand('must be "during-calls" or "always".'))
      .optional()
      .meta({
        description:
          'When the server may ask you something (a form, a page to open, a language model). "always" counts in user settings only.',
        enumDescriptions: [
          'Only while a call is in work at it.',
          'At any time. Where it is not clear whom it asks, VS Code is asked, else the only agent that uses it.',
        ],
        default: 'during-calls',
      }),
    tools: z
      .looseObject(
        {
          include: globList("Patterns over the server's own tool names: only these are shown.", [['read_*']]),
          exclude: globList(
            "Patterns over the server's own tool names: these are not shown. Wins over `include`.",
            [['delete_*', 'write_*']],
          ),
        },
        demand('must be an object, such as { "exclude": ["delete_*"] }.'),
      )
      .optional()
      .meta({ markdownDescription: 'Which of its tools are shown, by glob patterns. `exclude` wins.' }),
    timeouts: z
      .looseObject(
        {
          connectMs: milliseconds(
            defaultTimeouts.connectMs,
            limits.connectMs,
            'Milliseconds until the server must have started and listed everything.',
          ),
          callMs: milliseconds(
            defaultTimeouts.callMs,
            limits.callMs,
            'Milliseconds that one call may take without a sign of progress.',
          ),
          listMs: milliseconds(
            defaultTimeouts.listMs,
            limits.listMs,
            'Milliseconds that reading its lists anew may take once the server is live.',
          ),
          drainMs: milliseconds(
            defaultTimeouts.drainMs,
            limits.drainMs,
            'Milliseconds that calls in flight may go on with the old connection after a restart or changed settings.',
          ),
        },
        demand('must be an object, such as { "callMs": 300000 }.'),
      )
      .optional()
      .meta({ description: 'How long the server may take, in milliseconds.' }),
    maxConcurrency: wholeNumber(
      '',
      defaultMaxConcurrency,
      limits.maxConcurrency,
      'How many requests the server works on at once; the rest wait in order.',
    ),
  },
  demand('must be an object, such as { "command": "npx", "args": ["-y", "some-mcp-server"] }.'),
);

/** One server as the settings have it, with the right types in the known fields. */
export type ServerEntry = z.output<typeof serverEntrySchema>;
