import { Emitter } from '../../../src/base/event.js';
import type { Memory } from '../../../src/vscode/memory.js';
import type { Secrets } from '../../../src/vscode/endpoint/tokenKeeper.js';

/** What VS Code would keep. */
export function memory(): Memory & { readonly stored: Map<string, unknown> } {
  const stored = new Map<string, unknown>();
  return {
    stored,
    get: (key) => stored.get(key),
    update: (key, value) => {
      if (value === undefined) stored.delete(key);
      else stored.set(key, value);
      return Promise.resolve();
    },
  };
}

/** Secrets that several windows share; a change is told to each at once. */
export function secrets(): Secrets & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>();
  const changes = new Emitter<{ readonly key: string }>();
  return {
    stored,
    onDidChange: changes.event,
    get: (key) => Promise.resolve(stored.get(key)),
    store: (key, value) => {
      stored.set(key, value);
      changes.fire({ key });
      return Promise.resolve();
    },
  };
}
