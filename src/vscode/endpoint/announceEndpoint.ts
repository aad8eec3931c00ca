import * as vscode from 'vscode';
import { announce, type Announcement, type Facts } from '../../announcement/announce.js';
import { announcementDirectory, thisMachine } from '../../endpoint/stateDirectory.js';
import type { Gateway } from '../../gateway/api.js';
import type { Logger } from '../../gateway/ports.js';
import type { EndpointRunner } from './endpointRunner.js';
import type { TokenKeeper } from './tokenKeeper.js';

export interface AnnouncerParts {
  readonly gateway: Pick<Gateway, 'servers' | 'onDidChangeServers'>;
  readonly runner: EndpointRunner;
  readonly token: TokenKeeper;
  readonly log: Logger;
}

/** Lets `connect` find this window's endpoint, and keeps what it finds true. */
export class EndpointAnnouncer {
  readonly #parts: AnnouncerParts;
  readonly #subscriptions: vscode.Disposable;
  #announcement: Promise<Announcement> | undefined;
  #told = '';
  #disposed = false;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
    const tell = (): void => {
      this.#tell();
    };
    this.#subscriptions = vscode.Disposable.from(
      parts.runner.onDidChange(tell),
      parts.token.onDidChange(tell),
      parts.gateway.onDidChangeServers(tell),
      vscode.workspace.onDidChangeWorkspaceFolders(tell),
    );
    tell();
  }

  /** Resolves when nobody finds it any more. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#subscriptions.dispose();
    await this.#withdraw();
  }

  #tell(): void {
    const { runner, token, gateway, log } = this.#parts;
    const { endpoint } = runner;
    if (this.#disposed) return;
    if (!endpoint) {
      void this.#withdraw();
      return;
    }
    const folders = vscode.workspace.workspaceFolders ?? [];
    const facts: Facts = {
      url: endpoint.url,
      socket: endpoint.socket,
      token: token.current,
      servers: gateway.servers().map(({ id }) => id),
      folders: folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
    };
    const told = JSON.stringify(facts);
    // A server's state changes far more often than what is told here.
    if (told === this.#told) return;
    this.#told = told;
    if (this.#announcement) void this.#announcement.then((announcement) => announcement.update(facts));
    else this.#announcement = announce(announcementDirectory(thisMachine()), facts, log);
  }

  async #withdraw(): Promise<void> {
    const announcement = this.#announcement;
    this.#announcement = undefined;
    this.#told = '';
    await (await announcement)?.dispose();
  }
}
