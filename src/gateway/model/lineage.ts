/** Names one gateway among all for as long as it lives: a UUID. */
export type InstanceId = string;

/** The environment variable that tells every stdio server which gateways it descends from, outermost first. */
export const WITHIN_VARIABLE = 'MCP_TOOL_GATEWAY_WITHIN';

/** The same in the `_meta` of every `initialize` that a gateway sends. */
export const WITHIN_META = 'mcp-tool-gateway/within';

/**
 * Where the token of a request travels, in the `_meta` of every request that a gateway sends to a server. Who calls back in
 * during it hands the token on.
 */
export const CALL_META = 'mcp-tool-gateway/call';

/** No honest tower of gateways is higher; of a higher one the innermost count. */
const MAX_GATEWAYS = 32;

const INSTANCE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The gateways that `WITHIN_VARIABLE` or `WITHIN_META` names, outermost first; what is not a name is left out. */
export function readLineage(within: unknown): readonly InstanceId[] {
  const names: readonly unknown[] =
    typeof within === 'string' ? within.split(',') : Array.isArray(within) ? within : [];
  return names
    .filter((name) => typeof name === 'string' && INSTANCE.test(name))
    .slice(-MAX_GATEWAYS) as InstanceId[];
}

/** What a gateway tells its servers: the gateways that it descends from itself, by its environment, and its own name. */
export const lineageOf = (
  instance: InstanceId,
  env: Readonly<Record<string, string | undefined>>,
): readonly InstanceId[] => readLineage([...readLineage(env[WITHIN_VARIABLE]), instance]);

/**
 * Whether a client comes from inside one of these gateways, by the `_meta` of its `initialize`: to serve it would close
 * a loop. An endpoint asks for its own gateway. A gateway on standard input asks for all that it descends from: its
 * client is one of them when its start was hidden from them, by `npx` or a shell script; a client that is no gateway
 * says nothing, and is served even where the environment is inherited from one.
 */
export function comesFromInside(gateways: readonly InstanceId[], initializeMeta: unknown): boolean {
  const meta = typeof initializeMeta === 'object' && initializeMeta !== null ? initializeMeta : {};
  const within = readLineage((meta as Readonly<Record<string, unknown>>)[WITHIN_META]);
  return within.some((gateway) => gateways.includes(gateway));
}
