import { parseObject } from '../../base/parseObject.js';
import { isToken } from '../../base/token.js';

/** What a client may do with its token. */
export interface Grant {
  /** Ids of the servers that it sees; all of them where it is left out. */
  readonly servers?: readonly string[];
  /** Whether it runs only tools that read, of servers whose word on that the user trusts. */
  readonly readOnly: boolean;
}

/** A bearer token of one client, as it is kept. */
export interface ClientToken extends Grant {
  /** See `isTokenName`. */
  readonly name: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970; never where it is left out. */
  readonly expiresAt?: number;
}

/** What a token's name may be: it is a file's name on every system, and a word on a command line. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** Names that Windows keeps for devices. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;
const MAX_SERVERS = 500;
const MAX_ID = 1000;

export const isTokenName = (name: string): boolean =>
  NAME.test(name) && !DEVICE.test(name) && !name.endsWith('.');

export const TOKEN_NAME_RULE =
  'A name has 1 to 63 lower-case letters, digits and . _ - and begins with a letter or digit.';

export const isExpired = ({ expiresAt }: Pick<ClientToken, 'expiresAt'>, now: number): boolean =>
  expiresAt !== undefined && expiresAt <= now;

export const writeClientToken = (token: ClientToken): Buffer =>
  Buffer.from(`${JSON.stringify(token, undefined, 2)}\n`);

/** @returns `undefined` for anything that is no token in every part: half a restriction would be none */
export function readClientToken(text: string): ClientToken | undefined {
  const value = parseObject(text);
  if (!value) return undefined;
  const { name, token, createdAt, expiresAt, servers, readOnly } = value;
  if (typeof name !== 'string' || !isTokenName(name) || typeof token !== 'string' || !isToken(token))
    return undefined;
  if (!isTime(createdAt) || typeof readOnly !== 'boolean') return undefined;
  if (expiresAt !== undefined && !isTime(expiresAt)) return undefined;
  if (servers !== undefined && !areIds(servers)) return undefined;
  return {
    name,
    token,
    createdAt,
    readOnly,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(servers === undefined ? {} : { servers }),
  };
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const areIds = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length <= MAX_SERVERS &&
  value.every((id) => typeof id === 'string' && id !== '' && id.length <= MAX_ID);
