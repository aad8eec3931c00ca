/** Something that is measured beside others: one sample at a time. */
export interface Subject {
  readonly name: string;
  /** @returns the sample: milliseconds, or a rate */
  readonly sample: () => Promise<number>;
}

/**
 * Takes samples in turn (A B C, A B C, …), so that a round holds one of each from about the same time. The first round of each
 * is for warming up and is not kept.
 * @returns samples by name, in the order of the rounds
 */
export async function inTurns(
  subjects: readonly Subject[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const samples = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const { name, sample } of subjects) {
      const value = await sample();
      if (round >= 0) samples.get(name)?.push(value);
    }
  return samples;
}

/** Milliseconds of a piece of work. */
export async function millis(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Milliseconds after which a sample is not made any longer: some are a thousand times as slow as others. */
export const MAX_SAMPLE_MS = 1500;

/** The times of calls one after the other, in milliseconds. @param calls at most */
export async function oneByOne(calls: number, call: () => Promise<unknown>): Promise<number[]> {
  const end = performance.now() + MAX_SAMPLE_MS;
  const times: number[] = [];
  while (times.length === 0 || (times.length < calls && performance.now() < end))
    times.push(await millis(call));
  return times;
}

/** Calls per second of so many callers, each of which calls again as soon as it has its answer. @param calls at most */
export async function callsPerSecond(
  callers: number,
  calls: number,
  call: () => Promise<unknown>,
): Promise<number> {
  const end = performance.now() + MAX_SAMPLE_MS;
  let begun = 0;
  const caller = async (): Promise<void> => {
    while (begun < calls && (begun < callers || performance.now() < end)) {
      begun++;
      await call();
    }
  };
  const ms = await millis(() => Promise.all(Array.from({ length: callers }, caller)));
  return (begun / ms) * 1000;
}
