import type { ServerDefinition } from '../../../gateway/model/definition.js';
import type { Memory } from '../../memory.js';

/** What the user can say to a server that wants to use a language model; each but `once-no` holds on. */
export type SamplingChoice = 'session' | 'always' | 'never-in-session' | 'once-no';

type Asking = Pick<ServerDefinition, 'id' | 'fingerprint'>;

interface Grant {
  readonly server: string;
  readonly fingerprint: string;
}

const KEY = 'mcpGateway.samplingAllowed';
const MAX_GRANTS = 500;

/**
 * Which servers may use a language model: “always” is kept by VS Code, the rest ends with the window. What was said holds
 * for one definition of a server; a changed one is asked about again.
 */
export class SamplingPermissions {
  readonly #memory: Memory;
  /** By server and fingerprint: what was said in this session. */
  readonly #session = new Map<string, boolean>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** `undefined` when the user has to be asked. */
  allows(asking: Asking): boolean | undefined {
    return (
      this.#session.get(key(asking)) ?? (this.#always().some((grant) => covers(grant, asking)) || undefined)
    );
  }

  /** Resolves when it is stored. */
  async remember(choice: SamplingChoice, asking: Asking): Promise<void> {
    if (choice === 'session' || choice === 'never-in-session') {
      this.#session.set(key(asking), choice === 'session');
      const [oldest] = this.#session.keys();
      if (this.#session.size > MAX_GRANTS && oldest !== undefined) this.#session.delete(oldest);
    }
    if (choice === 'always') {
      const others = this.#always().filter(({ server }) => server !== asking.id);
      const grant: Grant = { server: asking.id, fingerprint: asking.fingerprint };
      await this.#memory.update(KEY, [...others, grant].slice(-MAX_GRANTS));
    }
  }

  /** Forgets everything. @returns how many servers were allowed or refused */
  async reset(): Promise<number> {
    const count = this.#session.size + this.#always().length;
    this.#session.clear();
    await this.#memory.update(KEY, undefined);
    return count;
  }

  /** What is stored may be of another version, or damaged: what is not understood allows nothing. */
  #always(): readonly Grant[] {
    const stored = this.#memory.get(KEY);
    return Array.isArray(stored) ? stored.filter(isGrant) : [];
  }
}

const key = ({ id, fingerprint }: Asking): string => JSON.stringify([id, fingerprint]);

const covers = (grant: Grant, { id, fingerprint }: Asking): boolean =>
  grant.server === id && grant.fingerprint === fingerprint;

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false;
  const { server, fingerprint } = value as Record<string, unknown>;
  return typeof server === 'string' && typeof fingerprint === 'string';
}
