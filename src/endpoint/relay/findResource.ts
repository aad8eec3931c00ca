import { setImmediate } from 'node:timers/promises';
import { matchTemplate } from '../../base/uriTemplate.js';
import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS } from '../../protocol/messages.js';
import type { Gateway } from '../../gateway/api.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { ListedResourceTemplate } from '../../gateway/model/listing.js';

/** MCP 2025-11-25, "Resources": the error for a resource that is not there. */
const RESOURCE_NOT_FOUND = -32002;

/** For how long templates are matched in one go. */
const SLICE_MS = 10;

/**
 * The server that a URI belongs to: the first that lists it, or a template that it is or fits; else the only one that has
 * resources at all.
 * @throws RpcError
 */
export async function findResource(gateway: Gateway, uri: unknown, signal: AbortSignal): Promise<ServerId> {
  if (typeof uri !== 'string') throw new RpcError(INVALID_PARAMS, 'The resource has no "uri".');
  const { items: resources } = await gateway.listResources(signal);
  const listed = resources.find(({ resource }) => resource.uri === uri);
  if (listed) return listed.server;
  const { items: templates } = await gateway.listResourceTemplates(signal);
  const made = await firstThatFits(templates, uri, signal);
  if (made) return made.server;
  const [only, another] = new Set([...resources, ...templates].map(({ server }) => server));
  if (only !== undefined && another === undefined) return only;
  throw new RpcError(RESOURCE_NOT_FOUND, 'No server lists this resource.', { uri });
}

/** Leaves the event loop to others now and then: servers may have thousands of templates, each as slow as its bounds allow. */
async function firstThatFits(
  templates: readonly ListedResourceTemplate[],
  uri: string,
  signal: AbortSignal,
): Promise<ListedResourceTemplate | undefined> {
  let begun = performance.now();
  for (const template of templates) {
    const { uriTemplate } = template.resourceTemplate;
    if (uriTemplate === uri || matchTemplate(uriTemplate, uri)) return template;
    if (performance.now() - begun < SLICE_MS) continue;
    await setImmediate();
    signal.throwIfAborted();
    begun = performance.now();
  }
  return undefined;
}
