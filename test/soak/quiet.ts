import { isGatewayError } from '../../src/gateway/model/errors.js';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/messages.js';
import { until } from '../support/gateway.js';
import { call } from './callers.js';
import { listingFaults, unexplained } from './listers.js';
import { measure, type Measure } from './measure.js';
import type { World } from './world.js';

/** Within this everybody must be done with what they began. */
export const SETTLE_MS = 60_000;
/** Within this a server must be itself again once nobody harms it any more. */
const RECOVER_MS = 30_000;
/** Within this what was stopped must be gone. */
const GONE_MS = 5_000;

const HEAVY_ROUNDS = 2;
/** Larger than what the gateway takes for an answer. */
export const BIG_BYTES = MAX_MESSAGE_BYTES + 1;

/**
 * Lets everybody finish, restores the settings, waits until every server is itself again (LateArrivalConverges), and
 * measures. Every quiet moment is reached in the same way, so that two of them can be compared.
 */
export async function quietMoment(world: World): Promise<Measure> {
  const { pace, settings, gateway, journal, accounts } = world;
  const complain = (error: unknown): void => {
    journal.problem(`in a quiet moment: ${error instanceof Error ? error.message : String(error)}`);
  };
  await pace.pause(SETTLE_MS).catch(complain);
  if (accounts.open > 0) complain(`${accounts.open} calls are open although nobody calls`);
  await settings.restore();
  await gateway.resetCache();
  const good = settings.present.filter(({ kind }) => kind === 'good');
  await Promise.all(
    good.map(({ id }) => until(() => call(world, id, 0), `${id} answers`, RECOVER_MS).catch(complain)),
  );
  await lookAtList(world).catch(complain);
  // The heaviest that there is, so that no later peak takes memory that an earlier measure did not see.
  for (let round = 0; round < HEAVY_ROUNDS; round++)
    await Promise.all(['plain', 'web', 'web-json'].map((id) => tooLarge(world, id).catch(complain)));
  for (const { id, processes } of settings.present.filter((slot) => slot.processes > 0))
    await until(
      // What restarts and failed starts leave behind would add up.
      async () => (await world.processes.present(id)).length <= processes,
      `no more than ${processes} processes of ${id} run`,
      GONE_MS,
    ).catch(complain);
  return measure();
}

/** A result that is too large fails its own call and nothing else. @throws when it is otherwise */
async function tooLarge(world: World, server: string): Promise<void> {
  const error: unknown = await world.gateway.callTool(`${server}__big`, { bytes: BIG_BYTES }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isGatewayError(error) || error.code !== 'bad-response')
    throw new Error(`${server} answered too much: ${String(error)}`, { cause: error });
  if (!(await call(world, server, 0))) throw new Error(`${server} fails after a result that was too large`);
}

/** @throws when a server that works is left out or stale for too long */
async function lookAtList({ gateway, settings, journal }: World): Promise<void> {
  const working = new Set(settings.present.filter(({ kind }) => kind !== 'bad').map(({ id }) => id));
  const present = new Set(settings.present.map(({ id }) => id));
  let missing: string[] = [];
  await until(
    async () => {
      const listing = await gateway.listTools();
      const keys = listing.items.map(({ name }) => name);
      for (const fault of [...listingFaults(listing, keys, present), ...unexplained(listing, present)])
        journal.problem(`in a quiet moment: ${fault}`);
      missing = [
        ...listing.omitted.map(({ server, message }) => [server, message] as const),
        ...listing.stale.map((server) => [server, 'stale'] as const),
      ]
        .filter(([server]) => working.has(server))
        .map(([server, why]) => `${server} (${why})`);
      return missing.length === 0;
    },
    'every server that works is listed',
    RECOVER_MS,
  ).catch((error: unknown) => {
    throw new Error(`these should be listed by now: ${missing.join(', ')}`, { cause: error });
  });
}
