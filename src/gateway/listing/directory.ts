import { compileFilter } from '../catalog/filter.js';
import { publicToolName, withLongHashes } from '../catalog/publicName.js';
import { CANONICAL_NAMES, type NameForm } from '../model/nameForm.js';
import type { Catalog } from '../model/catalog.js';
import type { ServerDefinition, ServerId } from '../model/definition.js';
import type { ListedPrompt, ListedResource, ListedResourceTemplate, ListedTool } from '../model/listing.js';
import type { Logs } from '../ports.js';
import type { Supervisor } from '../upstream/server/supervisor.js';

/** One server's catalog as the doors see it: filtered, under public names. Frozen for as long as its sources are. */
export interface ServerView {
  readonly tools: readonly ListedTool[];
  readonly prompts: readonly ListedPrompt[];
  readonly resources: readonly ListedResource[];
  readonly resourceTemplates: readonly ListedResourceTemplate[];
  /** By public name. */
  readonly toolsByName: ReadonlyMap<string, ListedTool>;
  readonly promptsByName: ReadonlyMap<string, ListedPrompt>;
  /** The tools by the name that their own server gives them. */
  readonly toolsByOwnName: ReadonlyMap<string, ListedTool>;
}

export type ViewItems = Pick<ServerView, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;

/** What is made of one catalog under one definition, by the form of its names: as few as there are kinds of clients. */
interface Views {
  readonly catalog: Catalog;
  readonly definition: ServerDefinition;
  readonly longHash: boolean;
  /** Under canonical names, which every call looks at. */
  canonical: ServerView | undefined;
  readonly byForm: Map<string, ServerView>;
}

/** Makes the views, each once per catalog and definition, so that a list from the cache copies nothing. */
export class Directory {
  readonly #views = new WeakMap<Supervisor, Views>();
  #longHashes: ReadonlySet<ServerId> = new Set();

  constructor(private readonly logs: Logs) {}

  /**
   * @param servers all that are configured, in their order: they alone decide which of them have longer hashes in names
   * @returns those whose names may be others now
   */
  configure(servers: readonly ServerId[]): readonly ServerId[] {
    const before = this.#longHashes;
    this.#longHashes = withLongHashes(servers);
    return servers.filter((server) => before.has(server) !== this.#longHashes.has(server));
  }

  /** The public name of a server's tool or prompt. */
  nameOf(server: ServerId, own: string, form: NameForm = CANONICAL_NAMES): string {
    return publicToolName(server, own, form, this.#longHashes.has(server));
  }

  /** `undefined` while nothing is known of the server. */
  view(supervisor: Supervisor, form: NameForm = CANONICAL_NAMES): ServerView | undefined {
    const { definition, stored } = supervisor;
    if (!stored) return undefined;
    const { catalog, fingerprint } = stored;
    const longHash = this.#longHashes.has(definition.id);
    let kept = this.#views.get(supervisor);
    if (kept?.catalog !== catalog || kept.definition !== definition || kept.longHash !== longHash) {
      kept = { catalog, definition, longHash, canonical: undefined, byForm: new Map() };
      this.#views.set(supervisor, kept);
    }
    if (form === CANONICAL_NAMES && kept.canonical) return kept.canonical;
    const key = `${form.maxLength} ${form.letterCase}`;
    let view = kept.byForm.get(key);
    if (!view) {
      view = this.#build(definition, catalog, fingerprint, form);
      kept.byForm.set(key, view);
    }
    if (form === CANONICAL_NAMES) kept.canonical = view;
    return view;
  }

  /** A tool by the name that its own server gives it, among what is known. */
  ownTool(supervisor: Supervisor, own: string): ListedTool | undefined {
    return this.view(supervisor)?.toolsByOwnName.get(own);
  }

  #build(definition: ServerDefinition, catalog: Catalog, fingerprint: string, form: NameForm): ServerView {
    const { id: server, title: serverTitle } = definition;
    const shown = compileFilter(definition.filter);
    const tools = catalog.tools
      .filter((tool) => shown(tool.name))
      .map((tool) => ({
        name: this.nameOf(server, tool.name, form),
        server,
        serverTitle,
        fingerprint,
        tool,
      }));
    const prompts = catalog.prompts.map((prompt) => ({
      name: this.nameOf(server, prompt.name, form),
      server,
      prompt,
    }));
    const toolsByName = this.#index(server, tools);
    const promptsByName = this.#index(server, prompts);
    return Object.freeze({
      tools: [...toolsByName.values()],
      prompts: [...promptsByName.values()],
      resources: catalog.resources.map((resource) => ({ server, resource })),
      resourceTemplates: catalog.resourceTemplates.map((resourceTemplate) => ({ server, resourceTemplate })),
      toolsByName,
      promptsByName,
      toolsByOwnName: new Map([...toolsByName.values()].map((listed) => [listed.tool.name, listed])),
    });
  }

  /** A name that two items share goes to the first, so that a call can never reach another than the listed one. */
  #index<T extends { readonly name: string }>(server: string, items: readonly T[]): Map<string, T> {
    const byName = new Map<string, T>();
    for (const item of items) {
      if (byName.has(item.name))
        this.logs.server(server).warn(`Left out a second item under the public name ${item.name}.`);
      else byName.set(item.name, item);
    }
    return byName;
  }
}

/** Whether two views have the same tools under the same names. */
export const sameTools = (a: ServerView | undefined, b: ServerView | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.tools.length === b.tools.length &&
    a.tools.every(({ name }, index) => name === b.tools[index]?.name));
