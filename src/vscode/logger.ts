import * as vscode from 'vscode';
import type { Logger, Logs } from '../gateway/ports.js';
import type { ServerId } from '../gateway/model/definition.js';

/** The output channels: one for the gateway, one per server, made when it has something to say. */
export class OutputLogs implements Logs, vscode.Disposable {
  readonly gateway: vscode.LogOutputChannel;
  readonly #servers = new Map<ServerId, vscode.LogOutputChannel>();

  constructor() {
    this.gateway = vscode.window.createOutputChannel('MCP Gateway', { log: true });
  }

  server(id: ServerId): Logger {
    const channel = (): vscode.LogOutputChannel => this.#channel(id);
    return {
      debug: (message) => {
        channel().debug(message);
      },
      info: (message) => {
        channel().info(message);
      },
      warn: (message) => {
        channel().warn(message);
      },
      error: (message) => {
        channel().error(message);
      },
    };
  }

  /** Brings a log to the front: a server's, or the gateway's. */
  show(id?: ServerId): void {
    (id === undefined ? this.gateway : this.#channel(id)).show(true);
  }

  dispose(): void {
    for (const channel of this.#servers.values()) channel.dispose();
    this.gateway.dispose();
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
