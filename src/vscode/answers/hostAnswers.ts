import { HOST_KEY, type Client, type ServerAsks } from '../../gateway/model/client.js';
import type { ServerDefinition } from '../../gateway/model/definition.js';
import { labelsOf } from '../agentMode/definitions.js';
import type { Memory } from '../memory.js';
import { elicit } from './elicitation/elicit.js';
import type { ElicitResult } from './elicitation/walk.js';
import { invite } from './invite.js';
import { Questions } from './questions.js';
import { roots } from './roots.js';
import { SamplingPermissions } from './sampling/permissions.js';
import { sample } from './sampling/sample.js';

export interface HostAnswersParts {
  readonly memory: Memory;
  /** The servers as the settings have them now, in their order. */
  readonly definitions: () => readonly ServerDefinition[];
}

type Result = Readonly<Record<string, unknown>>;

/** VS Code's own answers to what servers ask: roots, elicitation and sampling. */
export class HostAnswers implements Client {
  readonly key = HOST_KEY;
  readonly capabilities = {
    roots: { listChanged: true },
    sampling: { tools: {} },
    elicitation: { form: {}, url: {} },
  };
  readonly permissions: SamplingPermissions;
  readonly #definitions: HostAnswersParts['definitions'];
  readonly #questions = new Questions(invite);
  readonly #methods: ReadonlyMap<string, (asks: ServerAsks) => Promise<Result>>;

  constructor({ memory, definitions }: HostAnswersParts) {
    this.permissions = new SamplingPermissions(memory);
    this.#definitions = definitions;
    this.#methods = new Map<string, (asks: ServerAsks) => Promise<Result>>([
      ['roots/list', () => Promise.resolve(roots())],
      ['elicitation/create', (asks) => this.#elicit(asks)],
      ['sampling/createMessage', (asks) => this.#sample(asks)],
    ]);
  }

  answers({ method }: Pick<ServerAsks, 'method'>): boolean {
    return this.#methods.has(method);
  }

  answer(asks: ServerAsks): Promise<Result> {
    return (
      this.#methods.get(asks.method)?.(asks) ??
      Promise.reject(new Error(`${asks.method} is not answered here.`))
    );
  }

  async #elicit(asks: ServerAsks): Promise<Result> {
    const { title } = this.#asking(asks);
    const result = await this.#questions.ask<ElicitResult>(asks, {
      title,
      ask: () => elicit(title, asks),
      refused: (action) => ({ action }),
    });
    return { ...result };
  }

  async #sample(asks: ServerAsks): Promise<Result> {
    const parts = { permissions: this.permissions, questions: this.#questions };
    return { ...(await sample(this.#asking(asks), asks, parts)) };
  }

  /**
   * Who asks, under a title that no other server has. A server that has just left the settings may still ask; nothing that
   * was allowed holds for it.
   */
  #asking({ server }: ServerAsks): Pick<ServerDefinition, 'id' | 'title' | 'fingerprint'> {
    const all = this.#definitions();
    const asking = all.find(({ id }) => id === server);
    if (!asking) return { id: server, title: server, fingerprint: '' };
    const { id, title, fingerprint } = asking;
    return { id, title: labelsOf(all).get(id) ?? title, fingerprint };
  }
}
