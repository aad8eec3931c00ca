import { isKeyLike, isPlainHeader, isSecretName } from '../../../base/text/secretNames.js';
import type { HttpLaunch, Launch, StdioLaunch } from '../../model/definition.js';
import type { Logger } from '../../ports.js';

/** Characters; what is shorter (`1`, `true`, `8080`) is no secret, and masking it would garble every text. */
const MIN_SECRET = 6;
/** Characters of a secret's beginning or end that are worth masking where a line ends or begins in the midst of it. */
const MIN_PART = 8;
/** Characters; a longer secret, such as a certificate, is looked for as a whole and line by line, not in parts. */
const MAX_PARTED = 512;
/** Forms of all secrets that are looked for. */
const MAX_FORMS = 1000;
/** Characters of an argument that are looked into. */
const MAX_ARGUMENT = 64 * 1024;
/** Characters beyond what is shown that are looked through, so that no secret is cut in two before it is found. */
const MARGIN = 8192;

const MASK = '***';

/** Tokens of well-known makers, wherever they stand: GitHub, GitLab, OpenAI, Anthropic, Slack, AWS, Google, npm … and JWTs. */
const KNOWN_TOKEN =
  /\b(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA|ASIA|AIza|npm_|hf_|pypi-|eyJ)[\w.~+/=-]{12,}/g;

/** What a secret's name can be given without being one. */
const NO_SECRET =
  /^(?:enabled|disabled|default|localhost|production|development|application\/json|(?:~?[/\\]|[a-z]:[/\\]).*\.\w{1,8})$/i;

/**
 * Takes a server's secrets out of a text.
 * @param max characters of what is shown: the text is cut after it is redacted, never before
 */
export type Redact = (text: string, max?: number) => string;

/**
 * What takes a server's secrets out of a text before it is logged or shown: header values, what variables and arguments
 * with a telling name hold, what a URL carries beside its address, and tokens that are known by their form. Also where
 * they are URL-encoded, in JSON or in Base64, and where a line begins or ends in the midst of one.
 */
export function redactor(launch: Launch): Redact {
  const secrets = [...new Set(secretsOf(launch).map((secret) => secret.trim()))].filter(isSecret);
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter(isSecret)
    // A shorter one that is part of a longer one would leave the rest of it behind.
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_FORMS);
  const parted = forms.filter((form) => isKeyLike(form) && form.length <= MAX_PARTED);
  const redact = (text: string): string => {
    const masked = forms.reduce((rest, form) => rest.replaceAll(form, MASK), text);
    return parted.length === 0
      ? masked
      : masked
          .split('\n')
          .map((line) => withoutParts(line, parted))
          .join('\n');
  };
  return (text, max = Infinity) => {
    const redacted = redact(text.length > max + MARGIN ? text.slice(0, max + MARGIN) : text);
    return redacted.length > max ? `${redacted.slice(0, max)}…` : redacted;
  };
}

const isSecret = (text: string): boolean => text.length >= MIN_SECRET && !NO_SECRET.test(text);

/** Without the beginning of a secret at the line's end, and the end of one at its beginning. */
function withoutParts(line: string, secrets: readonly string[]): string {
  let rest = line;
  for (const secret of secrets) {
    if (rest.length < MIN_PART) return rest;
    const beginning = beginningAtEnd(rest, secret);
    if (beginning > 0) rest = rest.slice(0, -beginning) + MASK;
    const end = endAtBeginning(rest, secret);
    if (end > 0) rest = MASK + rest.slice(end);
  }
  return rest;
}

/** Characters of the longest beginning of a secret with which a line ends; only where the line's last ones are in it. */
function beginningAtEnd(line: string, secret: string): number {
  const last = line.slice(-MIN_PART);
  const longest = secret.length - 1 - MIN_PART;
  for (let at = longest < 0 ? -1 : secret.lastIndexOf(last, longest); at !== -1;) {
    const length = at + MIN_PART;
    if (line.endsWith(secret.slice(0, length))) return length;
    at = at === 0 ? -1 : secret.lastIndexOf(last, at - 1);
  }
  return 0;
}

/** The other way round: of its end with which a line begins. */
function endAtBeginning(line: string, secret: string): number {
  const first = line.slice(0, MIN_PART);
  for (let at = secret.indexOf(first, 1); at !== -1; at = secret.indexOf(first, at + 1))
    if (line.startsWith(secret.slice(at))) return secret.length - at;
  return 0;
}

/** A secret as it is, and as it looks inside a URL, in JSON and in Base64. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= 16) : [];
  return [
    secret,
    ...lines,
    encoded(secret),
    decoded(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ];
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const secretsOf = (launch: Launch): string[] =>
  launch.type === 'stdio'
    ? [
        ...Object.entries(launch.env).flatMap(([name, value]) =>
          value === null ? [] : [...(isSecretName(name) ? [value] : []), ...secretsIn(value)],
        ),
        ...inArguments(launch),
      ]
    : [...inAddress(launch.url), ...inHeaders(launch)];

/** As in `--token=…`, `--token …`, `-e API_KEY=…` and `-H "Authorization: Bearer …"`. */
function inArguments({ args }: StdioLaunch): string[] {
  return args.flatMap((whole, index) => {
    const arg = whole.slice(0, MAX_ARGUMENT);
    const option = /^--?([\w.-]+)$/.exec(args[index - 1] ?? '')?.[1];
    const given = option !== undefined && isSecretName(option) && !arg.startsWith('-') ? [arg] : [];
    return [...given, ...secretsIn(arg)];
  });
}

/** The names and values of assignments and headers in a text. */
const ASSIGNED =
  /(?<![\w.-])([\w.-]+)\s{0,9}[=:]\s{0,9}(?:(?:Bearer|Basic|Token)\s+)?("[^"]*"|'[^']*'|[^\s"'&;]+)/gi;

/** What a text gives away by itself: assignments to telling names, addresses with more than a host, and known tokens. */
function secretsIn(text: string): string[] {
  const assigned = [...text.matchAll(ASSIGNED)].flatMap(([, name = '', value = '']) =>
    isSecretName(name) ? [value.replace(/^["']|["']$/g, '')] : [],
  );
  const addresses = [...text.matchAll(/\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>]+/gi)].flatMap(([address]) => [
    // No URL needs to be valid to hold a password, as in `postgres://me:p@ss/word@host/db`.
    ...(/:\/\/[^\s:/@]*:([^\s/@]+)@/.exec(address)?.slice(1) ?? []),
    ...(URL.canParse(address) ? inParameters(new URL(address)) : []),
  ]);
  return [...assigned, ...addresses, ...(text.match(KNOWN_TOKEN) ?? [])];
}

const inParameters = ({ searchParams, username, password }: URL): string[] => [
  ...[...searchParams].flatMap(([name, value]) => (isSecretName(name) || isKeyLike(value) ? [value] : [])),
  password,
  ...(isKeyLike(username) ? [username] : []),
];

function inAddress(text: string): string[] {
  const { pathname, search, hash, username, password, searchParams } = new URL(text);
  const keys = pathname.split('/').filter((segment) => isKeyLike(segment));
  return [...keys, search, hash, username, password, ...searchParams.values()];
}

const inHeaders = ({ headers }: HttpLaunch): string[] =>
  Object.entries(headers).flatMap(([name, value]) => {
    if (isPlainHeader(name)) return [];
    const credentials = value.replace(/^\S+\s+/, '');
    const basic = /^basic\s/i.test(value) ? Buffer.from(credentials, 'base64').toString('utf8') : '';
    const cookies = /^cookie$/i.test(name)
      ? value.split(/;\s*/).map((pair) => pair.replace(/^[^=]*=/, ''))
      : [];
    return [value, credentials, basic, basic.replace(/^[^:]*:/, ''), ...cookies];
  });

/** A log that no secret reaches, whatever of the server's words is in a message. */
export const redactedLogger = (logger: Logger, redact: Redact): Logger => ({
  debug: (message) => {
    logger.debug(redact(message));
  },
  info: (message) => {
    logger.info(redact(message));
  },
  warn: (message) => {
    logger.warn(redact(message));
  },
  error: (message) => {
    logger.error(redact(message));
  },
});

/** A URL for messages: without user info, query and fragment, and without what looks like a key in its path. */
export function bareUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  const path = pathname.split('/').map((segment) => (isKeyLike(segment) ? MASK : segment));
  return `${origin}${path.join('/')}`;
}
