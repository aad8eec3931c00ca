import { newToken } from '../../base/token.js';
import type { Logger } from '../../gateway/ports.js';
import { Emitter, type Disposable } from '../../base/event.js';

/** The part of `vscode.SecretStorage` that is needed. */
export interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  onDidChange(listener: (change: { readonly key: string }) => void): Disposable;
}

const KEY = 'mcpGateway.endpointToken';
/** 256 bits as base64url. */
const TOKEN = /^[\w-]{43}$/;

/** The bearer token of the endpoint: made once, kept by VS Code for all windows, another after each rotation. */
export class TokenKeeper implements Disposable {
  readonly #secrets: Secrets;
  readonly #log: Logger;
  readonly #subscription: Disposable;
  readonly #changes = new Emitter<void>();
  #token: string | undefined;
  #first: Promise<void> | undefined;
  #disposed = false;

  /** The token is another than the one that there was; not fired for the first. */
  readonly onDidChange = this.#changes.event;

  constructor(secrets: Secrets, log: Logger) {
    this.#secrets = secrets;
    this.#log = log;
    this.#subscription = secrets.onDidChange(({ key }) => {
      // Before it was needed there is nothing to follow.
      if (key === KEY && this.#token !== undefined) void this.#follow();
    });
  }

  /** The token as it is now. @throws before `ready` has resolved */
  get current(): string {
    if (this.#token === undefined) throw new Error('The token of the endpoint is not there yet.');
    return this.#token;
  }

  /** Reads the token, or makes it when there is none. Without a store that works it holds until the window closes. */
  async ready(): Promise<string> {
    this.#first ??= this.#read(newToken()).then((token) => {
      this.#token ??= token;
    });
    await this.#first;
    return this.current;
  }

  /** Replaces the token, in every window. @throws when it cannot be stored; the old one then holds */
  async rotate(): Promise<void> {
    await this.ready();
    const token = newToken();
    await this.#secrets.store(KEY, token);
    this.#take(token);
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscription.dispose();
    this.#changes.dispose();
  }

  async #follow(): Promise<void> {
    this.#take(await this.#read(this.current));
  }

  #take(token: string): void {
    if (this.#disposed || token === this.#token) return;
    this.#token = token;
    this.#changes.fire();
  }

  /** @param fallback is stored where nothing usable is */
  async #read(fallback: string): Promise<string> {
    try {
      const stored = await this.#secrets.get(KEY);
      if (stored !== undefined && TOKEN.test(stored)) return stored;
      await this.#secrets.store(KEY, fallback);
      // Two windows may have found nothing at the same time; whoever wrote last is right.
      return (await this.#secrets.get(KEY)) ?? fallback;
    } catch (error) {
      this.#log.warn(
        `The token of the endpoint could not be kept; it holds until this window is closed: ${String(error)}`,
      );
      return this.#token ?? fallback;
    }
  }
}
