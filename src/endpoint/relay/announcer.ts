import type { CatalogKind } from '../../gateway/model/catalog.js';

const CHANGED: Readonly<Record<CatalogKind, string>> = {
  tools: 'notifications/tools/list_changed',
  resources: 'notifications/resources/list_changed',
  resourceTemplates: 'notifications/resources/list_changed',
  prompts: 'notifications/prompts/list_changed',
};

/** Tells a client which lists have changed: not before it is ready to hear, and each list once for several changes at once. */
export class Announcer {
  readonly #waiting = new Set<string>();
  #begun = false;
  #queued = false;

  constructor(private readonly tell: (method: string) => void) {}

  /** MCP 2025-11-25, "Lifecycle": before `notifications/initialized` a client hears of nothing. */
  begin(): void {
    this.#begun = true;
    this.#flushSoon();
  }

  changed(kinds: readonly CatalogKind[]): void {
    for (const kind of kinds) this.#waiting.add(CHANGED[kind]);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (!this.#begun || this.#queued || this.#waiting.size === 0) return;
    this.#queued = true;
    setImmediate(() => {
      this.#queued = false;
      const methods = [...this.#waiting];
      this.#waiting.clear();
      for (const method of methods) this.tell(method);
    });
  }
}
