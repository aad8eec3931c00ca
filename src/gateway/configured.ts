import type { ServerFilter } from './api.js';
import { nearestNames } from '../base/text/nearest.js';
import type { ListingSources } from './listing/listing.js';
import type { GatewayConfig, ServerDefinition, ServerId } from './model/definition.js';
import { serverUnavailable, unknownName, type GatewayError } from './model/errors.js';
import type { ListedTool } from './model/listing.js';
import { onlyReads } from './model/readOnly.js';
import type { GatewayOptions } from './ports.js';

/** The settings in force, and what they say beside the servers that run. */
export class Configured {
  constructor(
    readonly config: GatewayConfig = { definitions: [], problems: [] },
    readonly options: GatewayOptions = { gracePeriodMs: 5000, idleStopMs: 0 },
  ) {}

  get withheld(): NonNullable<GatewayConfig['withheld']> {
    return this.config.withheld ?? [];
  }

  /** All servers in the settings; those that do not run first, because where they stand among the others is not known. */
  get servers(): readonly ServerId[] {
    const running = new Set(this.config.definitions.map(({ id }) => id));
    const wrong = this.config.problems.flatMap(({ server, severity }) =>
      server !== undefined && severity === 'error' ? [server] : [],
    );
    const off = [...this.withheld, ...(this.config.disabled ?? [])].map(({ id }) => id);
    const beside = new Set([...off, ...wrong]);
    return [...[...beside].filter((id) => !running.has(id)), ...running];
  }

  /** Whether there is such a server that does not run: its settings are wrong, or it must not start. */
  hasBeside(server: ServerId): boolean {
    return (
      this.withheld.some(({ id }) => id === server) ||
      this.config.problems.some((problem) => problem.server === server && problem.severity === 'error')
    );
  }

  /** What a listing says of the servers that do not run. @param sees which servers matter */
  beside(
    running: ReadonlyMap<ServerId, unknown>,
    sees: ServerFilter,
  ): Pick<ListingSources, 'problems' | 'withheld' | 'gracePeriodMs'> {
    return {
      problems: this.config.problems.filter(({ server }) => server !== undefined && sees(server)),
      withheld: this.withheld.filter(({ id }) => sees(id) && !running.has(id)),
      gracePeriodMs: this.options.gracePeriodMs,
    };
  }

  /** Why a request cannot be about this server, which does not run. @param running ids of those that do */
  notRunning(server: ServerId, running: readonly ServerId[]): GatewayError {
    const withheld = this.withheld.find(({ id }) => id === server);
    return withheld
      ? serverUnavailable(server, withheld.message)
      : unknownName('server', server, nearestNames(server, running));
  }

  /** See `Gateway.isTrustedReadOnly`. @param definition of the tool's server as it is now */
  trustsToRead({ fingerprint, tool }: ListedTool, definition: ServerDefinition | undefined): boolean {
    if (definition?.fingerprint !== fingerprint || !onlyReads(tool)) return false;
    return this.options.trustsReadOnly?.(definition) ?? false;
  }
}
