import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS } from '../../protocol/messages.js';
import type { Gateway } from '../../gateway/api.js';
import type { ServerId } from '../../gateway/model/definition.js';

/** MCP 2025-11-25, "Resources": the error for a resource that is not there. */
const RESOURCE_NOT_FOUND = -32002;

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
  const fits = await matcher();
  const made = templates.find(({ resourceTemplate: { uriTemplate } }) => fits(uriTemplate, uri));
  if (made) return made.server;
  const [only, another] = new Set([...resources, ...templates].map(({ server }) => server));
  if (only !== undefined && another === undefined) return only;
  throw new RpcError(RESOURCE_NOT_FOUND, 'No server lists this resource.', { uri });
}

/** Loaded on first use only, because few clients read what is not listed. */
async function matcher(): Promise<(template: string, uri: string) => boolean> {
  const { UriTemplate } = await import('@modelcontextprotocol/sdk/shared/uriTemplate.js');
  return (template, uri) => {
    try {
      return template === uri || new UriTemplate(template).match(uri) !== null;
    } catch {
      // A server's template need not be one.
      return false;
    }
  };
}
