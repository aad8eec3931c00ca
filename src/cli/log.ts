import { createConsola, type ConsolaInstance } from 'consola/basic';
import type { Logger, Logs } from '../gateway/ports.js';
import { visible, visibleMessage } from '../base/text/visible.js';

const levels = { warnings: 1, everything: 4 } as const;

/** Messages for people, on standard error only. */
export interface CliLog {
  readonly user: Logger;
  /** What the gateway and its servers log. Of servers only with `verbose`: what matters of them comes as results. */
  readonly gateway: Logs;
}

/** @param verbose also what is only of use when something does not work */
export function createLog(verbose: boolean, stream: NodeJS.WriteStream): CliLog {
  // Nobody may be reading.
  stream.on('error', () => undefined);
  const consola = createConsola({
    level: verbose ? levels.everything : levels.warnings,
    stdout: stream,
    stderr: stream,
    formatOptions: { date: verbose, colors: false, compact: true },
  });
  const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  return {
    user: logger(consola),
    gateway: {
      gateway: logger(consola.withTag('gateway')),
      server: (id) => (verbose ? logger(consola.withTag(visible(id, 'name'))) : silent),
    },
  };
}

const ignore = (): void => undefined;

const logger = (consola: ConsolaInstance): Logger => ({
  debug: (message) => {
    consola.debug(visibleMessage(message));
  },
  info: (message) => {
    consola.info(visibleMessage(message));
  },
  warn: (message) => {
    consola.warn(visibleMessage(message));
  },
  error: (message) => {
    consola.error(visibleMessage(message));
  },
});
