import type { Launch } from '../model/definition.js';

const SECRET_NAME = /token|key|secret|pass|auth|credential|cookie/i;
const MIN_SECRET_LENGTH = 6;
/** Hosted servers put keys into the path; words and versions are shorter, or have no digit. */
const KEY_LIKE = /^(?=.*\d)[\w.~%-]{16,}$/;

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
    return Object.entries(launch.env).flatMap(([name, value]) => {
      if (value === null) return [];
      return SECRET_NAME.test(name) ? [value] : passwordsIn(value);
    });
  }
  const url = new URL(launch.url);
  const keys = url.pathname.split('/').filter((segment) => KEY_LIKE.test(segment));
  const headers = Object.values(launch.headers).flatMap((value) => [value, value.replace(/^\S+\s+/, '')]);
  return [...headers, ...keys, url.search, url.username, url.password, ...url.searchParams.values()];
}

/** As in `postgres://me:password@host/db`. */
const passwordsIn = (value: string): string[] =>
  [...value.matchAll(/:\/\/[^\s:/@]*:([^\s/@]+)@/g)].flatMap((match) => match[1] ?? []);

/** A URL for messages: without user info, query and fragment, and without what looks like a key in its path. */
export function bareUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  const path = pathname.split('/').map((segment) => (KEY_LIKE.test(segment) ? '***' : segment));
  return `${origin}${path.join('/')}`;
}
