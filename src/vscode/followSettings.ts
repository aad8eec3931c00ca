import { setImmediate as nextTurn } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Gateway } from '../gateway/api.js';
import type { ServerDefinition } from '../gateway/model/definition.js';
import type { Logger } from '../gateway/ports.js';
import { Emitter, type Event } from '../base/event.js';
import type { Grants } from './chat/approval/grants.js';
import type { Review } from './consent/review.js';
import type { ScopesRead } from './consent/readScopes.js';
import type { ServerConsents } from './consent/serverConsents.js';
import { affectsGateway, readServers, settings } from './settings.js';

/** Keeps the gateway on the settings: now, at each change of them, and when the workspace becomes trusted. */
export interface SettingsFollower extends vscode.Disposable {
  /** Reads the settings again, env files included; resolves when the gateway has them. */
  readonly reconfigure: () => Promise<void>;
  /** Resolves when the gateway was configured for the first time, or cannot be. */
  readonly ready: Promise<void>;
  /** The servers that the gateway was configured with last, in the order of the settings. */
  readonly definitions: () => readonly ServerDefinition[];
  /** The servers that this workspace brings and the user has not allowed, as they were read last. */
  readonly reviews: () => readonly Review[];
  /** The gateway was configured, maybe with what it had already. */
  readonly onDidConfigure: Event<void>;
}

export interface FollowerParts {
  readonly gateway: Gateway;
  readonly log: Logger;
  readonly grants: Pick<Grants, 'trustsReaders'>;
  readonly consents: Pick<ServerConsents, 'covers'>;
}

export function followSettings({ gateway, log, grants, consents }: FollowerParts): SettingsFollower {
  let latest = Promise.resolve();
  let definitions: readonly ServerDefinition[] = [];
  let reviews: readonly Review[] = [];
  const configured = new Emitter<void>();
  const reconfigure = (): Promise<void> => {
    // The first reading makes the schemas ready, which the activation need not wait for.
    const reading = nextTurn().then(() => readServers(consents));
    const turn: Promise<void> = reading.then((read) => {
      // Reading waits for env files; a later change may have overtaken it, and then its reading counts.
      if (turn !== latest) return latest;
      apply(read);
      return undefined;
    });
    latest = turn;
    return turn;
  };
  const apply = ({ config, reviews: waiting }: ScopesRead): void => {
    for (const { path, severity, message } of config.problems)
      log[severity === 'error' ? 'error' : 'warn'](message.includes(path) ? message : `${path}: ${message}`);
    gateway.configure(config, {
      gracePeriodMs: settings.gracePeriodMs,
      idleStopMs: settings.idleStopMs,
      trustsReadOnly: (server) => settings.trustsReadOnly(server) || grants.trustsReaders(server),
    });
    for (const { message } of config.withheld ?? []) log.info(message);
    definitions = config.definitions;
    reviews = waiting;
    configured.fire();
    void gateway.warmUp();
  };
  const follow = (): Promise<void> =>
    reconfigure().catch((error: unknown) => {
      log.error(`The settings could not be read: ${String(error)}`);
    });
  const ready = follow();
  const subscriptions = vscode.Disposable.from(
    configured,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (affectsGateway(event)) void follow();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(follow),
    vscode.workspace.onDidChangeWorkspaceFolders(follow),
  );
  return Object.assign(subscriptions, {
    reconfigure,
    ready,
    definitions: () => definitions,
    reviews: () => reviews,
    onDidConfigure: configured.event,
  });
}
