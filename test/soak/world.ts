import type { Gateway } from '../../src/gateway/api.js';
import type { Accounts } from './accounts.js';
import type { Journal } from './journal.js';
import type { Lateness } from './measure.js';
import type { Pace } from './pace.js';
import type { Processes } from './processes.js';
import type { Settings } from './settings.js';
import type { WebServer } from './webServer.js';

/** Everything that the actors of a run act on. */
export interface World {
  readonly seed: number;
  readonly folder: string;
  readonly cacheDir: string;
  readonly gateway: Gateway;
  readonly settings: Settings;
  readonly webs: readonly WebServer[];
  readonly processes: Processes;
  readonly accounts: Accounts;
  readonly journal: Journal;
  readonly lateness: Lateness;
  readonly pace: Pace;
  /** Schemas of a hostile server's tools, as it reads them. */
  readonly bombsFile: string;
}
