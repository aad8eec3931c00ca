import * as vscode from 'vscode';
import type { Gateway } from '../gateway/api.js';
import type { GatewayConfig } from '../gateway/model/definition.js';
import type { Logger } from '../gateway/ports.js';
import { affectsGateway, readServers, settings } from './settings.js';

/** Keeps the gateway on the settings: now, at each change of them, and when the workspace becomes trusted. */
export interface SettingsFollower extends vscode.Disposable {
  /** Reads the settings again, env files included; resolves when the gateway has them. */
  readonly reconfigure: () => Promise<void>;
}

export function followSettings(gateway: Gateway, log: Logger): SettingsFollower {
  let latest = Promise.resolve();
  const reconfigure = (): Promise<void> => {
    const turn: Promise<void> = readServers().then((config) => {
      // Reading waits for env files; a later change may have overtaken it, and then its reading counts.
      if (turn !== latest) return latest;
      apply(config);
      return undefined;
    });
    latest = turn;
    return turn;
  };
  const apply = (config: GatewayConfig): void => {
    for (const { path, severity, message } of config.problems)
      log[severity === 'error' ? 'error' : 'warn'](message.includes(path) ? message : `${path}: ${message}`);
    gateway.configure(config, { gracePeriodMs: settings.gracePeriodMs, idleStopMs: settings.idleStopMs });
    void gateway.warmUp();
  };
  const follow = (): void => {
    reconfigure().catch((error: unknown) => {
      log.error(`The settings could not be read: ${String(error)}`);
    });
  };
  follow();
  const subscriptions = vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (affectsGateway(event)) follow();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(follow),
    vscode.workspace.onDidChangeWorkspaceFolders(follow),
  );
  return Object.assign(subscriptions, { reconfigure });
}
