import { coveredTool, toolDigest, type CoveredTool } from '../../../gateway/catalog/toolDigest.js';
import type { ServerDefinition } from '../../../gateway/model/definition.js';
import type { ListedTool } from '../../../gateway/model/listing.js';
import type { Memory } from '../../memory.js';
import type { Choice, Former } from './approval.js';

/** One tool of one server as both were defined when the user allowed it; the whole of what an approval covers. */
interface Grant {
  readonly server: string;
  readonly tool: string;
  /** Of the server's definition. */
  readonly fingerprint: string;
  /** Of the tool's own. */
  readonly digest: string;
  /** What the tool said of itself, to show what has changed since. */
  readonly definition?: CoveredTool;
}

/** A server, as it was defined, whose tools run unasked if they say that they only read. */
interface Reader {
  readonly server: string;
  readonly fingerprint: string;
}

const GRANTS = 'mcpGateway.allowedTools';
const READERS = 'mcpGateway.trustedReaders';
const MAX_GRANTS = 1000;
const MAX_READERS = 500;
const MAX_CONVERSATIONS = 100;
/** Characters of one definition that is kept, and of all those that VS Code keeps for us. */
const MAX_DEFINITION = 16_384;
const MAX_DEFINITIONS = 262_144;

/** What the user has allowed: “always” is kept by VS Code, “in this conversation” ends with the window. */
export class Grants {
  readonly #memory: Memory;
  /** By conversation, the one used last at the end. */
  readonly #conversations = new Map<string, Grant[]>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  allows(tool: ListedTool, conversation: string): boolean {
    const own = this.#conversations.get(conversation);
    if (own) {
      this.#conversations.delete(conversation);
      this.#conversations.set(conversation, own);
    }
    const candidates = this.#of(tool, conversation);
    if (candidates.length === 0) return false;
    const digest = toolDigest(tool.tool);
    return candidates.some((grant) => grant.fingerprint === tool.fingerprint && grant.digest === digest);
  }

  /** What was allowed last under the name of this tool, where that is no longer what it was. */
  former(tool: ListedTool, conversation: string): Former | undefined {
    const last = this.#of(tool, conversation).at(-1);
    return (
      last && {
        definition: last.definition,
        toolChanged: last.digest !== toolDigest(tool.tool),
        serverChanged: last.fingerprint !== tool.fingerprint,
      }
    );
  }

  /** Whether the user said that this server, as it is defined, tells the truth about what only reads. */
  trustsReaders({ id, fingerprint }: Pick<ServerDefinition, 'id' | 'fingerprint'>): boolean {
    return this.#readers().some((reader) => reader.server === id && reader.fingerprint === fingerprint);
  }

  /** Keeps what the choice says beyond this one call; resolves when it is stored. */
  async remember(choice: Choice, tool: ListedTool, conversation: string): Promise<void> {
    if (choice === 'conversation') {
      const grants = [...(this.#conversations.get(conversation) ?? []), grantOf(tool)].slice(-MAX_GRANTS);
      this.#conversations.delete(conversation);
      this.#conversations.set(conversation, grants);
      const [oldest] = this.#conversations.keys();
      if (this.#conversations.size > MAX_CONVERSATIONS && oldest !== undefined)
        this.#conversations.delete(oldest);
    }
    if (choice === 'always') {
      const others = this.#always().filter((grant) => !isFor(grant, tool));
      await this.#memory.update(GRANTS, bounded([...others, grantOf(tool)]));
    }
    if (choice === 'readers') {
      const { server, fingerprint } = tool;
      const others = this.#readers().filter((reader) => reader.server !== server);
      await this.#memory.update(READERS, [...others, { server, fingerprint }].slice(-MAX_READERS));
    }
  }

  /** Forgets everything. @returns how many approvals were forgotten */
  async reset(): Promise<number> {
    const inConversations = [...this.#conversations.values()].reduce((sum, { length }) => sum + length, 0);
    const count = this.#always().length + this.#readers().length + inConversations;
    this.#conversations.clear();
    await this.#memory.update(GRANTS, undefined);
    await this.#memory.update(READERS, undefined);
    return count;
  }

  /** All that were ever given to what has this name, the newest of the conversation last. */
  #of(tool: ListedTool, conversation: string): readonly Grant[] {
    return [...this.#always(), ...(this.#conversations.get(conversation) ?? [])].filter((grant) =>
      isFor(grant, tool),
    );
  }

  /** What is stored may be of another version, or damaged: what is not understood allows nothing. */
  #always(): readonly Grant[] {
    const stored = this.#memory.get(GRANTS);
    return Array.isArray(stored) ? stored.filter(isGrant) : [];
  }

  #readers(): readonly Reader[] {
    const stored = this.#memory.get(READERS);
    return Array.isArray(stored) ? stored.filter(isReader) : [];
  }
}

function grantOf({ server, fingerprint, tool }: ListedTool): Grant {
  const grant = { server, tool: tool.name, fingerprint, digest: toolDigest(tool) };
  const definition = coveredTool(tool);
  return sizeOf(definition) <= MAX_DEFINITION ? { ...grant, definition } : grant;
}

/** The newest; of those the newest with their definitions. */
function bounded(grants: readonly Grant[]): readonly Grant[] {
  let left = MAX_DEFINITIONS;
  return grants
    .slice(-MAX_GRANTS)
    .toReversed()
    .map(({ definition, ...grant }) => {
      if (definition) left -= sizeOf(definition);
      return definition && left >= 0 ? { ...grant, definition } : grant;
    })
    .toReversed();
}

const sizeOf = (definition: CoveredTool): number => JSON.stringify(definition).length;

const isFor = (grant: Grant, tool: ListedTool): boolean =>
  grant.server === tool.server && grant.tool === tool.tool.name;

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false;
  const { server, tool, fingerprint, digest, definition } = value as Record<string, unknown>;
  return (
    [server, tool, fingerprint, digest].every((field) => typeof field === 'string') &&
    (definition === undefined || (typeof definition === 'object' && definition !== null))
  );
}

function isReader(value: unknown): value is Reader {
  if (typeof value !== 'object' || value === null) return false;
  const { server, fingerprint } = value as Record<string, unknown>;
  return typeof server === 'string' && typeof fingerprint === 'string';
}
