import { METHOD_NOT_FOUND, INTERNAL_ERROR, isObject, type Params } from '../protocol/messages.js';
import { RpcError } from '../protocol/errors.js';
import type { IncomingRequest } from '../protocol/incoming.js';
import type { AttachedClient } from './api.js';
import { ClientError, type Client, type ServerAsks } from './model/client.js';
import type { ServerId } from './model/definition.js';
import { contextsOf } from './requestContext.js';

/** However long a person thinks, a server is answered within this. */
const MAX_ANSWER_MS = 15 * 60_000;
/** What a list of roots waits for; clients answer that without asking anybody. */
const MAX_ROOTS_MS = 5000;

/** Who may be asked. */
export interface Respondents {
  readonly host: Client | undefined;
  readonly attached: () => readonly AttachedClient[];
}

/**
 * Finds who answers what a server asks: the client whose request it works on, if that is clear and it can; else the host;
 * outside of any request the only client that it can mean. To guess between several could put one agent's question before
 * another's user. Whoever cannot be found is an error at once (issue 4).
 * @throws RpcError
 */
export async function answerServer(
  { host, attached }: Respondents,
  server: ServerId,
  method: string,
  params: Params,
  incoming: IncomingRequest,
): Promise<Params> {
  const contexts = contextsOf(incoming.during);
  const clients = new Set(contexts.map(({ options }) => options.client ?? host));
  const only = clients.size === 1 ? [...clients][0] : undefined;
  const during = contexts.length === 1 ? contexts[0] : undefined;
  const asks: ServerAsks = {
    server,
    method,
    params: withoutToken(params),
    signal: AbortSignal.any([
      incoming.signal,
      AbortSignal.timeout(MAX_ANSWER_MS),
      ...(during ? [during.over] : []),
    ]),
    onProgress: incoming.onProgress,
    during: only && contexts.find(({ options }) => (options.client ?? host) === only)?.options,
  };
  const can = (client: Client | undefined): client is Client => client?.answers(asks) ?? false;
  const outside: ServerAsks = { ...asks, during: undefined };
  const able = attached().filter((client) => client.sees(server) && can(client));
  // A server keeps roots for longer than the request that happens to be in work when it asks.
  const kept = method === 'roots/list' && !incoming.certain && !can(host);
  if (kept && able.length > 1) return allRoots(able, outside);
  if (can(only)) return ask(only, asks);
  if (can(host)) return ask(host, outside);
  if (clients.size > 0 && !kept) throw nobody(method);
  if (able.length === 1 && able[0]) return ask(able[0], outside);
  throw nobody(method);
}

const nobody = (method: string): RpcError =>
  new RpcError(METHOD_NOT_FOUND, `Nobody who uses this server through the gateway now can answer ${method}.`);

async function ask(client: Client, asks: ServerAsks): Promise<Params> {
  try {
    return await client.answer(asks);
  } catch (error) {
    if (error instanceof ClientError) throw new RpcError(error.code, error.message, error.data);
    throw new RpcError(INTERNAL_ERROR, `The client could not answer ${asks.method}.`);
  }
}

/** A server that several clients share may use what each of them opens to it. */
async function allRoots(clients: readonly Client[], asks: ServerAsks): Promise<Params> {
  const signal = AbortSignal.any([asks.signal, AbortSignal.timeout(MAX_ROOTS_MS)]);
  const answers = await Promise.allSettled(clients.map((client) => ask(client, { ...asks, signal })));
  const byUri = new Map<unknown, unknown>();
  for (const answer of answers)
    if (answer.status === 'fulfilled' && Array.isArray(answer.value.roots))
      for (const root of answer.value.roots as unknown[]) if (isObject(root)) byUri.set(root.uri, root);
  if (answers.every(({ status }) => status === 'rejected')) throw nobody(asks.method);
  return { roots: [...byUri.values()] };
}

/** The token is between two peers; the next one has its own. */
export function withoutToken(params: Params): Params {
  if (!isObject(params._meta) || !('progressToken' in params._meta)) return params;
  const { progressToken: _, ...meta } = params._meta;
  const { _meta, ...rest } = params;
  return Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta };
}
