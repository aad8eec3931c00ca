/** What `@mcp` says when it is asked nothing. */
export const helpMarkdown = [
  'Ask anything; the model can use the tools of all your MCP servers. A tool that can change something asks first.',
  [
    '- `/tools` lists the tools, `/servers` the servers and how they are.',
    '- `#` and a tool’s or server’s name, such as `#memory`, lets the model use only those.',
    '- `/call <name> <json>` runs one tool without a model.',
    '- `/refresh` lists everything anew.',
  ].join('\n'),
].join('\n\n');

/** Offered below the help, and only there. */
export const helpFollowups = (
  metadata: Readonly<Record<string, unknown>> | undefined,
): { prompt: string; label: string; command: string }[] =>
  metadata?.help === true
    ? [
        { prompt: '', label: 'List the tools', command: 'tools' },
        { prompt: '', label: 'Show the servers', command: 'servers' },
      ]
    : [];
