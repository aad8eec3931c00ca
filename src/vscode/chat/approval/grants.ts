import type { ListedTool } from '../../../gateway/model/listing.js';
import type { Memory } from '../../memory.js';
import type { Choice } from './approval.js';

/** One tool of one server as it was defined when the user allowed it; the whole of what an approval covers. */
interface Grant {
  readonly server: string;
  readonly tool: string;
  readonly fingerprint: string;
}

const KEY = 'mcpGateway.allowedTools';
const MAX_GRANTS = 1000;
const MAX_CONVERSATIONS = 100;

/** What the user has allowed: “always” is kept by VS Code, “in this conversation” ends with the window. */
export class Grants {
  readonly #memory: Memory;
  /** By conversation, the one used last at the end. */
  readonly #conversations = new Map<string, Grant[]>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  allows(tool: ListedTool, conversation: string): boolean {
    const grants = this.#conversations.get(conversation);
    if (grants) {
      this.#conversations.delete(conversation);
      this.#conversations.set(conversation, grants);
    }
    return [...(grants ?? []), ...this.#always()].some((grant) => covers(grant, tool));
  }

  /** Keeps what the choice says beyond this one call; resolves when it is stored. */
  async remember(choice: Choice, tool: ListedTool, conversation: string): Promise<void> {
    const grant = { server: tool.server, tool: tool.tool.name, fingerprint: tool.fingerprint };
    if (choice === 'conversation') {
      const grants = [...(this.#conversations.get(conversation) ?? []), grant].slice(-MAX_GRANTS);
      this.#conversations.delete(conversation);
      this.#conversations.set(conversation, grants);
      const [oldest] = this.#conversations.keys();
      if (this.#conversations.size > MAX_CONVERSATIONS && oldest !== undefined)
        this.#conversations.delete(oldest);
    }
    if (choice === 'always') {
      const others = this.#always().filter(
        (known) => known.server !== grant.server || known.tool !== grant.tool,
      );
      await this.#memory.update(KEY, [...others, grant].slice(-MAX_GRANTS));
    }
  }

  /** Forgets everything. @returns how many approvals were forgotten */
  async reset(): Promise<number> {
    const inConversations = [...this.#conversations.values()].reduce((sum, { length }) => sum + length, 0);
    const count = this.#always().length + inConversations;
    this.#conversations.clear();
    await this.#memory.update(KEY, undefined);
    return count;
  }

  /** What is stored may be of another version, or damaged: what is not understood allows nothing. */
  #always(): readonly Grant[] {
    const stored = this.#memory.get(KEY);
    return Array.isArray(stored) ? stored.filter(isGrant) : [];
  }
}

const covers = (grant: Grant, tool: ListedTool): boolean =>
  grant.server === tool.server && grant.tool === tool.tool.name && grant.fingerprint === tool.fingerprint;

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false;
  const { server, tool, fingerprint } = value as Record<string, unknown>;
  return [server, tool, fingerprint].every((field) => typeof field === 'string');
}
