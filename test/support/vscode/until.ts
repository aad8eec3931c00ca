/** Asks again and again until `look` finds something; the error says what `describe` sees at the end. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  timeoutMs: number,
  describe: () => Promise<string>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
