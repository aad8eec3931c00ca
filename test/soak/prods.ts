import { isGatewayError } from '../../src/gateway/model/errors.js';
import { BIG_BYTES } from './quiet.js';
import { random } from './random.js';
import type { World } from './world.js';

const REST_MS = 1000;
/** Something for every tool that wants something. */
const ARGUMENTS = { bytes: BIG_BYTES, ms: 100, name: 'more', value: 1 };

/** Calls what the servers of the bench offer, for whatever comes of it: a result, or a failure with a code. */
export function startProds({ gateway, settings, journal, pace, seed }: World): void {
  const choice = random(seed, 'prods');
  const ofBench = new Set(settings.slots.filter((slot) => slot.ofBench).map(({ id }) => id));
  const step = async (): Promise<void> => {
    const { items } = await gateway.listTools();
    const offered = items.filter(({ server }) => ofBench.has(server));
    if (offered.length === 0) return;
    const server = choice.pick([...new Set(offered.map((item) => item.server))]);
    const { name } = choice.pick(offered.filter((item) => item.server === server));
    journal.count('prods');
    try {
      await gateway.callTool(name, ARGUMENTS);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      journal.count(`prod of ${server}: ${error.code}`);
    }
  };
  pace.actor(
    'prods',
    () => choice.between(0, REST_MS),
    step,
    (error) => {
      if (!pace.stopping) journal.problem(`prods: ${String(error)}`);
    },
  );
}
