import { ClientError, INVALID_PARAMS } from '../../../gateway/model/client.js';

/** Characters; what the user cannot read to its end is not for opening. */
const MAX_ADDRESS = 4000;

/**
 * The address that a server wants to be opened, as it is sent, and its host as a browser would show it.
 * @throws `ClientError` when it is none of the web, or hides where it leads
 */
export function addressOf(url: unknown): { readonly href: string; readonly host: string } {
  if (typeof url !== 'string' || url.length > MAX_ADDRESS || !URL.canParse(url))
    throw new ClientError(INVALID_PARAMS, 'The address to open is not one, or is too long.');
  const { protocol, username, password, host, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new ClientError(INVALID_PARAMS, 'The address to open must start with https:// or http://.');
  // `https://example.com@elsewhere.org/` reads like another place than it is.
  if (username !== '' || password !== '')
    throw new ClientError(INVALID_PARAMS, 'The address to open must not hold a user name or password.');
  return { href, host };
}
