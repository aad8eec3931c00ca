import { compileFilter } from './catalog/filter.js';
import { publicToolName } from './catalog/publicName.js';
import type { Catalog } from './model/catalog.js';
import type { ServerDefinition } from './model/definition.js';
import type { ListedPrompt, ListedResource, ListedResourceTemplate, ListedTool } from './model/listing.js';
import type { Logs } from './ports.js';
import type { Supervisor } from './upstream/supervisor.js';

/** One server's catalog as the doors see it: filtered, under public names. Frozen for as long as its sources are. */
export interface ServerView {
  readonly tools: readonly ListedTool[];
  readonly prompts: readonly ListedPrompt[];
  readonly resources: readonly ListedResource[];
  readonly resourceTemplates: readonly ListedResourceTemplate[];
  /** By public name. */
  readonly toolsByName: ReadonlyMap<string, ListedTool>;
  readonly promptsByName: ReadonlyMap<string, ListedPrompt>;
}

export type ViewItems = Pick<ServerView, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;

const MAX_SAID = 1000;

/** Makes the views, each once per catalog and definition, so that a list from the cache copies nothing. */
export class Directory {
  readonly #views = new WeakMap<
    Supervisor,
    { readonly catalog: Catalog; readonly definition: ServerDefinition; readonly view: ServerView }
  >();

  /** Names of which it was said that a second item was left out. */
  readonly #said = new Set<string>();

  constructor(private readonly logs: Logs) {}

  /** `undefined` while nothing is known of the server. */
  view(supervisor: Supervisor): ServerView | undefined {
    const { definition, stored } = supervisor;
    if (!stored) return undefined;
    const { catalog, fingerprint } = stored;
    const kept = this.#views.get(supervisor);
    if (kept?.catalog === catalog && kept.definition === definition) return kept.view;
    const view = this.#build(definition, catalog, fingerprint);
    this.#views.set(supervisor, { catalog, definition, view });
    return view;
  }

  /**
   * Items of several servers without those whose public name an earlier one has: servers whose ids have one normal form can
   * be made to share a name, and a call goes to the first. Items without a public name stay.
   */
  oneOfEachName<T extends { readonly server: string; readonly name?: string }>(
    items: readonly T[],
  ): readonly T[] {
    const names = new Set<string>();
    return items.filter(({ server, name }) => {
      if (name === undefined) return true;
      if (!names.has(name)) return names.add(name);
      if (!this.#said.has(name) && this.#said.size < MAX_SAID) {
        this.#said.add(name);
        this.logs
          .server(server)
          .warn(
            `Left out ${name}, which another server has already. Give one of the two servers another id.`,
          );
      }
      return false;
    });
  }

  #build(definition: ServerDefinition, catalog: Catalog, fingerprint: string): ServerView {
    const { id: server, title: serverTitle } = definition;
    const shown = compileFilter(definition.filter);
    const tools = catalog.tools
      .filter((tool) => shown(tool.name))
      .map((tool) => ({ name: publicToolName(server, tool.name), server, serverTitle, fingerprint, tool }));
    const prompts = catalog.prompts.map((prompt) => ({
      name: publicToolName(server, prompt.name),
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
