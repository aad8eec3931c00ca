import * as vscode from 'vscode';
import { visibleMessage } from '../base/text/visible.js';
import type { Logger, Logs } from '../gateway/ports.js';
import type { ServerId } from '../gateway/model/definition.js';

/** The output channels: one for the gateway, one per server, made when it has something to say. */
export class OutputLogs implements Logs, vscode.Disposable {
  readonly gateway: Logger;
  readonly #gatewayChannel: vscode.LogOutputChannel;
  readonly #servers = new Map<ServerId, vscode.LogOutputChannel>();
  #disposed = false;

  constructor() {
    this.#gatewayChannel = vscode.window.createOutputChannel('MCP Gateway', { log: true });
    this.gateway = this.#logger(() => this.#gatewayChannel);
  }

  server(id: ServerId): Logger {
    return this.#logger(() => this.#channel(id));
  }

  /** Brings a log to the front: a server's, or the gateway's. */
  show(id?: ServerId): void {
    (id === undefined ? this.#gatewayChannel : this.#channel(id)).show(true);
  }

  dispose(): void {
    this.#disposed = true;
    for (const channel of this.#servers.values()) channel.dispose();
    this.#gatewayChannel.dispose();
  }

  /** Servers still end after VS Code has closed the channels, and a closed channel throws. */
  #logger(channel: () => vscode.LogOutputChannel): Logger {
    const write =
      (level: keyof Logger) =>
      (message: string): void => {
        if (!this.#disposed) channel()[level](visibleMessage(message));
      };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }

  #channel(id: ServerId): vscode.LogOutputChannel {
    let channel = this.#servers.get(id);
    if (!channel) {
      channel = vscode.window.createOutputChannel(`MCP Gateway: ${id}`, { log: true });
      this.#servers.set(id, channel);
    }
    return channel;
  }
}
