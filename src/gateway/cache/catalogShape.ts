import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Catalog } from '../model/catalog.js';

/** How many items are checked before others get their turn on the event loop. */
const ITEMS_AT_ONCE = 250;

const record = z.record(z.string(), z.unknown());
const text = z.string().optional();
const item = { name: z.string(), title: text, description: text, _meta: record.optional() };
const someArray = z.array(z.unknown());

const failure = z.object({ code: z.string(), message: z.string() });

const outline = z.looseObject({
  serverInfo: record,
  instructions: text,
  capabilities: record,
  protocolVersion: z.string(),
  extras: record.optional(),
  unread: z
    .strictObject({
      tools: failure.optional(),
      resources: failure.optional(),
      resourceTemplates: failure.optional(),
      prompts: failure.optional(),
    })
    .optional(),
  tools: someArray,
  resources: someArray,
  resourceTemplates: someArray,
  prompts: someArray,
});

const items = {
  tools: z.looseObject({
    ...item,
    inputSchema: record,
    outputSchema: record.optional(),
    annotations: z
      .looseObject({
        title: text,
        readOnlyHint: z.boolean().optional(),
        destructiveHint: z.boolean().optional(),
        idempotentHint: z.boolean().optional(),
        openWorldHint: z.boolean().optional(),
      })
      .optional(),
  }),
  resources: z.looseObject({ ...item, uri: z.string(), mimeType: text }),
  resourceTemplates: z.looseObject({ ...item, uriTemplate: z.string(), mimeType: text }),
  prompts: z.looseObject({
    ...item,
    arguments: z
      .array(z.looseObject({ name: z.string(), description: text, required: z.boolean().optional() }))
      .optional(),
  }),
};

/**
 * A parsed JSON value as a catalog; `undefined` when it lacks what the model needs. MCP's own schemas (2025-11-25)
 * were applied when the catalog was fetched: here only the shape is checked, and unknown fields are kept.
 */
export async function asCatalog(value: unknown): Promise<Catalog | undefined> {
  const { success, data } = outline.safeParse(value);
  if (!success) return undefined;
  for (const kind of ['tools', 'resources', 'resourceTemplates', 'prompts'] as const) {
    const list = data[kind];
    for (let start = 0; start < list.length; start += ITEMS_AT_ONCE) {
      await setImmediate();
      const some = list.slice(start, start + ITEMS_AT_ONCE);
      if (!some.every((one) => items[kind].safeParse(one).success)) return undefined;
    }
  }
  return catalogOf(value as Catalog);
}

/** The catalog's own fields and no others, `instructions` always among them. */
export const catalogOf = (catalog: Catalog): Catalog => ({
  serverInfo: catalog.serverInfo,
  instructions: catalog.instructions,
  capabilities: catalog.capabilities,
  protocolVersion: catalog.protocolVersion,
  ...(catalog.extras === undefined ? {} : { extras: catalog.extras }),
  ...(catalog.unread === undefined ? {} : { unread: catalog.unread }),
  tools: catalog.tools,
  resources: catalog.resources,
  resourceTemplates: catalog.resourceTemplates,
  prompts: catalog.prompts,
});
