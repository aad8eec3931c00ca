/** The system's code of a failed `fetch`, such as ECONNREFUSED; it wraps what really happened, sometimes twice. */
export function networkCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, errors } = at as { code?: unknown; errors?: readonly unknown[] };
    if (typeof code === 'string') return code;
    const inner = errors?.[0] as { code?: unknown } | undefined;
    if (typeof inner?.code === 'string') return inner.code;
  }
  return undefined;
}
