import type { TurnScheduler } from '../../base/async/turnScheduler.js';
import type { MessageBudget } from '../../protocol/large/messageBudget.js';
import type { Tuning } from '../model/tuning.js';
import type { GatewayPorts } from '../ports.js';
import type { StartQueue } from './server/startQueue.js';
import type { Guardian } from './stdio/guardian.js';
import type { ServerTraffic } from './traffic.js';

/** What servers need from their host: the gateway's ports and times, and what all their processes share. */
export interface UpstreamHost extends GatewayPorts {
  readonly guardian: Guardian;
  /**
   * For what stops the event loop: starting a process does until the system has it, checking what a server lists does for
   * a slice at a time. Several at once would stop it for seconds.
   */
  readonly turns: TurnScheduler;
  /** Which programs may start now. */
  readonly starts: StartQueue;
  /** What large messages of all servers may hold together while they come. */
  readonly messages: MessageBudget;
  readonly tuning: Tuning;
  readonly traffic: ServerTraffic;
  /** Milliseconds without a request after which a stdio server is stopped; 0: never. As the settings are now. */
  readonly idleStopMs: () => number;
  /** Names of the host's variables that the settings of any server name, as the settings are now. */
  readonly envNames: () => readonly string[];
}
