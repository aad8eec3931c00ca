import type { CallOptions, Gateway, ListMethod, ServerFilter } from '../../gateway/api.js';
import type { ServerId } from '../../gateway/model/definition.js';
import { unknownName } from '../../gateway/model/errors.js';
import type { ListedTool } from '../../gateway/model/listing.js';
import { RpcError } from '../../protocol/errors.js';
import type { LargeResult } from '../../protocol/large/largeResult.js';
import { INVALID_PARAMS, METHOD_NOT_FOUND, type Params } from '../../protocol/messages.js';
import type { Grant } from '../tokens/clientToken.js';

/** What sessions use of the gateway. */
export type SessionGateway = Pick<
  Gateway,
  | 'listTools'
  | 'listResources'
  | 'listResourceTemplates'
  | 'listPrompts'
  | 'knownResources'
  | 'describe'
  | 'request'
  | 'locate'
  | 'attach'
  | 'knows'
  | 'servers'
  | 'isTrustedReadOnly'
  | 'onDidChangeCatalog'
>;

/** Whether a client with this grant sees a server. */
export function seenBy({ servers }: { readonly servers?: readonly string[] | undefined }): ServerFilter {
  const granted = servers && new Set(servers);
  return (server) => granted?.has(server) ?? true;
}

/**
 * The gateway as a client with a token of its own sees it: what its grant leaves out is not there. Who attaches says itself what
 * it sees, by `seenBy`.
 */
export function grantedGateway(gateway: SessionGateway, { servers, readOnly }: Grant): SessionGateway {
  const sees = seenBy({ servers });
  const check = (server: ServerId): void => {
    if (!sees(server)) throw unknownName('server', server, []);
  };
  const shows = (tool: ListedTool): boolean => !readOnly || gateway.isTrustedReadOnly(tool);

  /** A list method that answers for the granted servers only, and neither starts nor awaits others. */
  const limited =
    <T>(list: ListMethod<T>): ListMethod<T> =>
    async (signal, only, names) => {
      if (typeof only === 'string') check(only);
      return list(
        signal,
        typeof only === 'function' ? (server) => sees(server) && only(server) : (only ?? sees),
        names,
      );
    };
  const listTools: SessionGateway['listTools'] = async (...of) => {
    const { items, ...rest } = await limited(gateway.listTools)(...of);
    return { ...rest, items: items.filter(shows) };
  };

  const toolCall = async (
    server: ServerId,
    params: Params,
    options: CallOptions,
  ): Promise<Params | LargeResult> => {
    if (typeof params.name !== 'string') throw new RpcError(INVALID_PARAMS, 'The tool has no name.');
    const { items } = await gateway.listTools(options.signal, server);
    const listed = items.find(({ tool }) => tool.name === params.name);
    if (!listed || !gateway.isTrustedReadOnly(listed)) throw notGranted(params.name);
    // Should the live tool be another one, nothing is run.
    return gateway.request(server, 'tools/call', params, { ...options, listed });
  };

  return {
    listTools,
    listResources: limited(gateway.listResources),
    listResourceTemplates: limited(gateway.listResourceTemplates),
    listPrompts: limited(gateway.listPrompts),
    knownResources: () =>
      gateway.knownResources().map(({ resources, resourceTemplates }) => ({
        resources: resources.filter(({ server }) => sees(server)),
        resourceTemplates: resourceTemplates.filter(({ server }) => sees(server)),
      })),
    describe: async (server, signal) => {
      check(server);
      return gateway.describe(server, signal);
    },
    request: async (server, method, params, options = {}) => {
      check(server);
      if (!readOnly || READING.has(method)) return gateway.request(server, method, params, options);
      if (method === 'tools/call') return toolCall(server, params, options);
      throw new RpcError(METHOD_NOT_FOUND, `The token of this client does not let it ask for ${method}.`);
    },
    locate: (kind, name, signal, _all, names) => gateway.locate(kind, name, signal, sees, names),
    attach: gateway.attach,
    isTrustedReadOnly: gateway.isTrustedReadOnly,
    knows: (server) => sees(server) && gateway.knows(server),
    servers: () => gateway.servers().filter(({ id }) => sees(id)),
    onDidChangeCatalog: (listener) =>
      gateway.onDidChangeCatalog((change) => {
        if (sees(change.server)) listener(change);
      }),
  };
}

/** Requests that change nothing, as far as MCP says what they are for. */
const READING: ReadonlySet<string> = new Set([
  ...['resources/read', 'resources/subscribe', 'resources/unsubscribe', 'prompts/get', 'completion/complete'],
  ...['tasks/list', 'tasks/get', 'tasks/result', 'tasks/cancel'],
]);

const notGranted = (name: string): RpcError =>
  new RpcError(
    INVALID_PARAMS,
    `The token of this client lets it run only tools that read, and "${name}" is not known to be one. Use a token without --read-only, or trust what the server says of that (mcpGateway.trustReadOnly, or "serve --trust-read-only").`,
  );
