import {
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  INTERNAL_ERROR,
  isObject,
  type Params,
} from '../../protocol/messages.js';
import { RpcError } from '../../protocol/errors.js';
import type { IncomingRequest } from '../../protocol/incoming.js';
import type { AttachedClient } from '../api.js';
import { ClientError, type Client, type ServerAsks } from '../model/client.js';
import type { ServerId } from '../model/definition.js';
import { OpenQuestions } from './openQuestions.js';
import { withDeadline } from '../../base/async/abort.js';
import { contextsOf, type RequestContext } from '../calls/requestContext.js';

/** However long a person thinks, a server is answered within this. */
const MAX_ANSWER_MS = 15 * 60_000;
/** What a list of roots waits for; clients answer that without asking anybody. */
const MAX_ROOTS_MS = 5000;

/** For people: nobody answers more in a row. */
const QUESTIONS = { ofOne: 4, open: 20 };
/** For clients, as many as a server has requests in work; each may go to all clients. */
const ROOTS = { ofOne: 32, open: Infinity };

/** Of the task that a question belongs to (MCP 2025-11-25, "Tasks", "Related Task Metadata"). */
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** Who may be asked, and what. */
export interface RouterSources {
  readonly host: Client | undefined;
  readonly attached: () => readonly AttachedClient[];
  /** Whether the user lets the server ask also while nobody calls it. */
  readonly asksAlways: (server: ServerId) => boolean;
  /** A server asked while nobody called it, and was not answered. */
  readonly onUncalled: (server: ServerId, method: string) => void;
}

/**
 * Finds who answers what a server asks: the client whose request it works on, if that is clear and it can; else the host. To
 * guess between several could put one agent's question before another's user. A server that works for nobody asks nobody,
 * unless its user allows that. What nobody can answer is an error at once.
 */
export class ServerRequestRouter {
  readonly #open = new OpenQuestions(QUESTIONS);
  readonly #openRoots = new OpenQuestions(ROOTS);
  /** Clients that let a list of roots wait in vain; nobody waits for them again before they are heard. */
  readonly #silent = new WeakSet<Client>();

  /** @param rootsMs milliseconds that a list of roots waits for its clients; tests shorten it */
  constructor(
    private readonly sources: RouterSources,
    private readonly rootsMs = MAX_ROOTS_MS,
  ) {}

  /** A client said something about its roots, so that it can be asked for them again. */
  heard(client: Client): void {
    this.#silent.delete(client);
  }

  /** @throws RpcError */
  async answer(server: ServerId, method: string, params: Params, incoming: IncomingRequest): Promise<Params> {
    const question = this.#question(server, method, params, incoming);
    const inTime = (answer: (question: Question) => Promise<Params>): Promise<Params> =>
      withDeadline(incoming.signal, MAX_ANSWER_MS, (signal) =>
        answer({ ...question, outside: { ...question.outside, signal } }),
      );
    if (method === 'roots/list')
      return counted(this.#openRoots, server, () => inTime((asked) => this.#roots(asked, incoming.certain)));
    if (question.contexts.length === 0 && !this.sources.asksAlways(server)) {
      this.sources.onUncalled(server, method);
      throw new RpcError(
        INVALID_REQUEST,
        'Nobody is calling this server now, so that it may not ask anything. Ask during a call.',
      );
    }
    return counted(this.#open, server, () => inTime((asked) => this.#ask(whileCalled(asked))));
  }

  #question(server: ServerId, method: string, params: Params, incoming: IncomingRequest): Question {
    const owner = this.#ownerOfTask(server, params);
    const contexts = contextsOf(incoming.during).filter(
      ({ ended, options }) => !ended && (!owner || options.client?.key === owner.key),
    );
    const clients = new Set(contexts.map(({ options }) => options.client ?? this.sources.host));
    const outside: ServerAsks = {
      server,
      method,
      params: withoutToken(params),
      signal: incoming.signal,
      onProgress: incoming.onProgress,
      during: undefined,
    };
    return { contexts, only: clients.size === 1 ? [...clients][0] : undefined, outside };
  }

  /** The client that began the task which a question is about. */
  #ownerOfTask(server: ServerId, { _meta: meta }: Params): AttachedClient | undefined {
    const task = isObject(meta) ? meta[RELATED_TASK] : undefined;
    if (!isObject(task)) return undefined;
    return this.sources.attached().find((client) => client.ownsTask(server, task.taskId));
  }

  async #ask(question: Question): Promise<Params> {
    const { contexts, only, outside } = question;
    const { host } = this.sources;
    if (only?.answers(outside)) return ask(only, this.#asks(question, only));
    if (host?.answers(outside)) return ask(host, outside);
    const [able, another] = contexts.length === 0 ? this.#able(outside) : [];
    if (able && !another) return ask(able, outside);
    throw new RpcError(
      METHOD_NOT_FOUND,
      `Nobody who uses this server through the gateway now can answer ${outside.method}.`,
    );
  }

  /**
   * A server keeps roots for longer than the request that happens to be in work when it asks: where it does not say for
   * whom it asks, they are what all of its clients open to it. Nobody having any is no error.
   */
  async #roots(question: Question, certain: boolean): Promise<Params> {
    const { contexts, only, outside } = question;
    const { host } = this.sources;
    if (only && (certain || only === host || host?.answers(outside)) && only.answers(outside))
      return ask(only, this.#asks(question, only));
    if (host?.answers(outside)) return ask(host, outside);
    if (certain && contexts.length > 0) return { roots: [] };
    const able = this.#able(outside, contexts);
    const answers = await Promise.all(able.map((client) => this.#rootsOf(client, question)));
    const [first] = answers;
    if (first && answers.length === 1) return first;
    const roots = answers.flatMap((answer) =>
      Array.isArray(answer?.roots) ? (answer.roots as unknown[]) : [],
    );
    return { roots: [...new Map(roots.filter(isObject).map((root) => [root.uri, root])).values()] };
  }

  /** What one client opens; `undefined` when it does not say. */
  async #rootsOf(client: AttachedClient, question: Question): Promise<Params | undefined> {
    const asks = this.#asks(question, client);
    try {
      const answer = await withDeadline(asks.signal, this.rootsMs, (signal) => {
        signal.addEventListener('abort', () => {
          if (!asks.signal.aborted) this.#silent.add(client);
        });
        return ask(client, { ...asks, signal });
      });
      this.heard(client);
      return answer;
    } catch {
      return undefined;
    }
  }

  /** Those who see the server, can answer, and are there to be asked. */
  #able(asks: ServerAsks, contexts: readonly RequestContext[] = []): readonly AttachedClient[] {
    const working = new Set(contexts.map(({ options }) => options.client));
    return this.sources
      .attached()
      .filter(
        (client) =>
          client.sees(asks.server) &&
          client.answers(asks) &&
          (working.has(client) || client.reachable()) &&
          !this.#silent.has(client),
      );
  }

  /** @returns with the client's own request during which the server asks, if there is one */
  #asks({ contexts, outside }: Question, client: Client): ServerAsks {
    const own = contexts.find(({ options }) => (options.client ?? this.sources.host) === client);
    return { ...outside, during: own?.options };
  }
}

/** @throws RpcError where too many are open already */
async function counted(
  open: OpenQuestions,
  server: ServerId,
  answer: () => Promise<Params>,
): Promise<Params> {
  const end = open.begin(server);
  if (!end)
    throw new RpcError(
      INTERNAL_ERROR,
      'Too many questions are open already. Ask again when one is answered.',
    );
  try {
    return await answer();
  } finally {
    end();
  }
}

/** What a server asks, and for whose requests it may be. */
interface Question {
  /** Requests of clients in work at the server during which it asks. */
  readonly contexts: readonly RequestContext[];
  /** Whose they are, if they are all one client's. */
  readonly only: Client | undefined;
  /** As it is asked outside of any request. */
  readonly outside: ServerAsks;
}

/** Asked no more once the request is over that it is asked for; roots are for longer. */
function whileCalled(question: Question): Question {
  const { contexts, outside } = question;
  const [context, another] = contexts;
  if (!context || another) return question;
  return { ...question, outside: { ...outside, signal: AbortSignal.any([outside.signal, context.over]) } };
}

async function ask(client: Client, asks: ServerAsks): Promise<Params> {
  try {
    return await client.answer(asks);
  } catch (error) {
    if (error instanceof ClientError) throw new RpcError(error.code, error.message, error.data);
    throw new RpcError(INTERNAL_ERROR, `The client could not answer ${asks.method}.`);
  }
}

/** The token is between two peers; the next one has its own. */
export function withoutToken(params: Params): Params {
  if (!isObject(params._meta) || !('progressToken' in params._meta)) return params;
  const { progressToken: _, ...meta } = params._meta;
  const { _meta, ...rest } = params;
  return Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta };
}
