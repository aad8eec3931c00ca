const ADVICE: Readonly<Record<number, string>> = {
  401: 'It wants authorization: put it into "headers".',
  403: 'It refused this authorization: check "headers".',
  404: 'Nothing is there: check "url".',
  405: 'That address does not speak MCP: check "url".',
  413: 'The request is too large for it: ask it for less at once.',
  429: 'It takes no more requests for now: wait a while, or ask who runs it for more.',
};

/** The status that the SDK's transports failed with, if that is what it was. */
export function httpStatus(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'number' && code >= 100) return code;
  // The old transport's POST has it in its text only.
  const text = error instanceof Error ? error.message : '';
  const status = /^Error POSTing to endpoint \(HTTP (\d{3})\)/.exec(text)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** What a user can do about a status. */
export function httpAdvice(status: number): string {
  if (status >= 500) return 'It has failed by itself: see its own log, or try again later.';
  if (status >= 300 && status < 400) return 'It is at another address now: correct "url".';
  return ADVICE[status] ?? 'See its own log for the reason.';
}
