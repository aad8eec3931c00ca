import type { Gateway } from '../../gateway/api.js';
import { reasonInOneLine } from '../../gateway/model/failure.js';
import type { Omission } from '../../gateway/model/listing.js';
import type { ServerStatus } from '../../gateway/model/status.js';
import { table } from '../table.js';

type Fields = Readonly<Record<string, unknown>>;

/** One object of everything; what `list --json` prints. Items keep the fields that their servers sent. */
export interface Inventory {
  /** `name` is the public name, `tool` the server's own. */
  readonly tools: readonly (Fields & { readonly name: string; readonly server: string })[];
  readonly resources: readonly (Fields & { readonly server: string; readonly uri: string })[];
  readonly resourceTemplates: readonly (Fields & { readonly server: string; readonly uriTemplate: string })[];
  readonly prompts: readonly (Fields & { readonly name: string; readonly server: string })[];
  readonly omitted: readonly Omission[];
  readonly stale: readonly string[];
  /** `tools` is null while nothing is known of the server. */
  readonly servers: readonly {
    readonly id: string;
    readonly state: ServerStatus['cacheState'];
    readonly tools: number | null;
  }[];
  /** Left out by the config file on purpose. */
  readonly disabled: readonly { readonly id: string; readonly title: string }[];
}

/** Lists everything once; waits no longer than the gateway's grace. */
export async function takeInventory(gateway: Gateway, signal: AbortSignal): Promise<Inventory> {
  // The first list waits; the others then find the same state.
  const tools = await gateway.listTools(signal);
  const [resources, resourceTemplates, prompts] = await Promise.all([
    gateway.listResources(signal),
    gateway.listResourceTemplates(signal),
    gateway.listPrompts(signal),
  ]);
  return {
    tools: tools.items.map(({ name, server, tool }) => ({
      name,
      server,
      title: tool.title ?? tool.annotations?.title ?? tool.name,
      description: tool.description ?? '',
      ...without(tool, 'name', 'title', 'description'),
      tool: tool.name,
    })),
    resources: resources.items.map(({ server, resource }) => ({ ...resource, server })),
    resourceTemplates: resourceTemplates.items.map(({ server, resourceTemplate }) => ({
      ...resourceTemplate,
      server,
    })),
    prompts: prompts.items.map(({ name, server, prompt }) => ({
      name,
      server,
      title: prompt.title ?? prompt.name,
      description: prompt.description ?? '',
      ...without(prompt, 'name', 'title', 'description'),
      prompt: prompt.name,
    })),
    omitted: oncePerServerAndKind([tools, resources, resourceTemplates, prompts]),
    stale: [...new Set([tools, resources, resourceTemplates, prompts].flatMap((listing) => listing.stale))],
    servers: gateway
      .servers()
      .map(({ id, cacheState, tools }) => ({ id, state: cacheState, tools: tools ?? null })),
    disabled: gateway.disabled.map(({ id, title }) => ({ id, title })),
  };
}

/** For people: one table a kind, with what does not fit cut off. */
export function inventoryText(inventory: Inventory, width: number | undefined): string {
  const { tools, resources, resourceTemplates, prompts, omitted, stale, servers, disabled } = inventory;
  const section = (title: string, head: string[], rows: string[][]): string =>
    rows.length === 0 ? '' : `${title} (${rows.length})\n${table(head, rows, width)}\n`;
  const firstLine = (item: Fields): string =>
    typeof item['description'] === 'string' ? (item['description'].trim().split('\n')[0] ?? '') : '';
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const remark = (id: string): string => {
    const old = stale.includes(id) ? ['stale: what it offered before'] : [];
    const reasons = omitted
      .filter(({ server }) => server === id)
      .map(({ reason, message }) => `${reason}: ${reasonInOneLine(message)}`);
    return [...old, ...reasons].join('; ');
  };
  const known = new Set(servers.map(({ id }) => id));
  return [
    section(
      'Tools',
      ['NAME', 'SERVER', 'DESCRIPTION'],
      tools.map((tool) => [tool.name, tool.server, firstLine(tool)]),
    ),
    section(
      'Resources',
      ['URI', 'SERVER', 'NAME'],
      resources.map((resource) => [resource.uri, resource.server, text(resource['name'])]),
    ),
    section(
      'Resource templates',
      ['URI TEMPLATE', 'SERVER', 'NAME'],
      resourceTemplates.map((template) => [template.uriTemplate, template.server, text(template['name'])]),
    ),
    section(
      'Prompts',
      ['NAME', 'SERVER', 'DESCRIPTION'],
      prompts.map((prompt) => [prompt.name, prompt.server, firstLine(prompt)]),
    ),
    section(
      'Servers',
      ['SERVER', 'STATE', 'TOOLS', 'REMARK'],
      [
        ...servers.map(({ id, state, tools }) => [
          id,
          state,
          tools === null ? '?' : String(tools),
          remark(id),
        ]),
        ...omitted
          .filter(({ server }) => !known.has(server))
          .map(({ server }) => [server, '-', '?', remark(server)]),
        ...disabled.map(({ id }) => [id, '-', '-', 'disabled']),
      ],
    ),
  ]
    .join('')
    .replace(/\n$/, '');
}

const oncePerServerAndKind = (listings: readonly Pick<Inventory, 'omitted'>[]): Omission[] => {
  const seen = new Map<string, Omission>();
  for (const omission of listings.flatMap(({ omitted }) => omitted)) {
    const key = JSON.stringify([omission.server, omission.kind]);
    if (!seen.has(key)) seen.set(key, omission);
  }
  return [...seen.values()];
};

const without = (item: Fields, ...keys: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(item).filter(([key]) => !keys.includes(key)));
