import type { Launch } from '../model/definition.js';

const SECRET_NAME = /token|key|secret|pass|auth|credential|cookie/i;
const MIN_SECRET_LENGTH = 6;

/**
 * A function that takes a server's secrets out of a text before it is logged or shown: header values, the values of
 * environment variables with a telling name, and what a URL carries beside its address.
 */
export function redactor(launch: Launch): (text: string) => string {
  const secrets = secretsOf(launch)
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
}

function secretsOf(launch: Launch): string[] {
  if (launch.type === 'stdio') {
    return Object.entries(launch.env).flatMap(([name, value]) =>
      value !== null && SECRET_NAME.test(name) ? [value] : [],
    );
  }
  const url = new URL(launch.url);
  const headers = Object.values(launch.headers).flatMap((value) => [value, value.replace(/^\S+\s+/, '')]);
  return [...headers, url.search, url.username, url.password, ...url.searchParams.values()];
}

/** A URL without user info, query and fragment, for messages. */
export function bareUrl(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
}
