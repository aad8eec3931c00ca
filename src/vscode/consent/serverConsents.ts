import type { ServerDefinition } from '../../gateway/model/definition.js';
import type { Memory } from '../memory.js';

/** One server of this workspace, as it was defined when the user allowed it. */
interface Consent {
  readonly server: string;
  readonly fingerprint: string;
}

const KEY = 'mcpGateway.allowedServers';
const MAX_CONSENTS = 500;

/** The servers of this workspace's settings that the user has allowed to run. */
export class ServerConsents {
  /** @param memory what VS Code keeps for this workspace, which the workspace itself cannot write */
  constructor(private readonly memory: Memory) {}

  covers({ id, fingerprint }: Pick<ServerDefinition, 'id' | 'fingerprint'>): boolean {
    return this.#all().some((consent) => consent.server === id && consent.fingerprint === fingerprint);
  }

  /** Resolves when it is stored. The newest are kept; of one server that of its newest definition. */
  async add(servers: readonly Pick<ServerDefinition, 'id' | 'fingerprint'>[]): Promise<void> {
    const added = servers.map(({ id, fingerprint }) => ({ server: id, fingerprint }));
    const others = this.#all().filter(({ server }) => !servers.some(({ id }) => id === server));
    await this.memory.update(KEY, [...others, ...added].slice(-MAX_CONSENTS));
  }

  /** Forgets all of this workspace. @returns how many there were */
  async reset(): Promise<number> {
    const count = this.#all().length;
    await this.memory.update(KEY, undefined);
    return count;
  }

  /** What is stored may be of another version, or damaged: what is not understood allows nothing. */
  #all(): readonly Consent[] {
    const stored = this.memory.get(KEY);
    return Array.isArray(stored) ? stored.filter(isConsent) : [];
  }
}

function isConsent(value: unknown): value is Consent {
  if (typeof value !== 'object' || value === null) return false;
  const { server, fingerprint } = value as Record<string, unknown>;
  return typeof server === 'string' && typeof fingerprint === 'string';
}
