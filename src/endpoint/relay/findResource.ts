import { setImmediate } from 'node:timers/promises';
import { matchTemplate } from '../../base/uriTemplate.js';
import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS } from '../../protocol/messages.js';

import type { ServerId } from '../../gateway/model/definition.js';
import type { ListedResourceTemplate } from '../../gateway/model/listing.js';
import type { SessionGateway } from './grantedGateway.js';
import { markedUri, readMarkedUri } from './markedUri.js';

/** MCP 2025-11-25, "Resources": the error for a resource that is not there. */
const RESOURCE_NOT_FOUND = -32002;

/** For how long templates are matched in one go. */
const SLICE_MS = 10;

/** Servers that an error names. */
const MAX_NAMED = 5;

/** A resource as its own server knows it. */
export interface Found {
  readonly server: ServerId;
  readonly uri: string;
}

/**
 * The server that a URI among all servers' belongs to: the one that it names; else the one that lists it; else the one with
 * the template that says most of it; else the only one that has resources at all. Which of several is never guessed: no
 * server can answer for another's resource by listing it too.
 * @throws RpcError
 */
export async function findResource(
  gateway: SessionGateway,
  uri: unknown,
  signal: AbortSignal,
): Promise<Found> {
  if (typeof uri !== 'string') throw new RpcError(INVALID_PARAMS, 'The resource has no "uri".');
  const marked = readMarkedUri(uri);
  if (marked && gateway.knows(marked.server)) return marked;
  const { items: resources } = await gateway.listResources(signal);
  const listed = resources.filter(({ resource }) => resource.uri === uri);
  if (listed.length > 0) return only(listed, uri);
  const { items: templates } = await gateway.listResourceTemplates(signal);
  const itself = templates.filter(({ resourceTemplate }) => resourceTemplate.uriTemplate === uri);
  if (itself.length > 0) return only(itself, uri);
  const fitting = await thoseThatFitBest(templates, uri, signal);
  if (fitting.length > 0) return only(fitting, uri);
  const [server, another] = new Set([...resources, ...templates].map((item) => item.server));
  if (server !== undefined && another === undefined) return { server, uri };
  throw new RpcError(
    RESOURCE_NOT_FOUND,
    'No server lists this resource. To ask a server all the same, name it at the end of the URI: #mcp-server=NAME.',
    { uri },
  );
}

/** @throws RpcError when they are of several servers */
function only(items: readonly { readonly server: ServerId }[], uri: string): Found {
  const servers = [...new Set(items.map(({ server }) => server))];
  const [server, another] = servers;
  if (server !== undefined && another === undefined) return { server, uri };
  const uris = servers.slice(0, MAX_NAMED).map((one) => markedUri(uri, one));
  throw new RpcError(
    INVALID_PARAMS,
    `${servers.length} servers have this resource. Say whose is meant: ${uris.join(' or ')}`,
    { uri, uris },
  );
}

/**
 * Those of the templates that fit with the most characters of their own; a template that would fit anything says nothing.
 * Leaves the event loop to others now and then: servers may have thousands of templates, each as slow as its bounds allow.
 */
async function thoseThatFitBest(
  templates: readonly ListedResourceTemplate[],
  uri: string,
  signal: AbortSignal,
): Promise<readonly ListedResourceTemplate[]> {
  let begun = performance.now();
  let most = 1;
  let best: ListedResourceTemplate[] = [];
  for (const template of templates) {
    const { literal = 0 } = matchTemplate(template.resourceTemplate.uriTemplate, uri) ?? {};
    if (literal > most) best = [];
    if (literal >= most) best.push(template);
    most = Math.max(most, literal);
    if (performance.now() - begun < SLICE_MS) continue;
    await setImmediate();
    signal.throwIfAborted();
    begun = performance.now();
  }
  return best;
}
