import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/**
 * Whether a URL leads to one of the gateway's own addresses: this machine, however it is spelled, and the port of one of
 * them. Names are looked up only where the port is the same.
 */
export async function isOwnAddress(url: URL, own: readonly URL[]): Promise<boolean> {
  return own.some((address) => portOf(address) === portOf(url)) && (await isThisMachine(url.hostname));
}

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80');

/** @param host as `URL` has it: in lower case, numbers in any notation as one address, IPv6 in brackets */
async function isThisMachine(host: string): Promise<boolean> {
  const name = host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (name === hostname().toLowerCase() || /(^|\.)localhost$/.test(name)) return true;
  const own = ownAddresses();
  const addresses = isIP(name) === 0 ? await addressesOf(name) : [name];
  return addresses.some((address) => own.check(address, family(address)));
}

/** None when the name is not known; then a request to it fails by itself. */
const addressesOf = (name: string): Promise<readonly string[]> =>
  lookup(name, { all: true }).then(
    (found) => found.map(({ address }) => address),
    () => [],
  );

/** Asked anew each time: networks come and go. An IPv4 address counts as its IPv6 form (`::ffff:…`) too. */
function ownAddresses(): BlockList {
  const own = new BlockList();
  own.addSubnet('127.0.0.0', 8, 'ipv4');
  // "Any address", which systems take for this machine when one connects to it.
  for (const address of ['0.0.0.0', '::', '::1']) own.addAddress(address, family(address));
  for (const { address } of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
    if (isIP(address) !== 0) own.addAddress(address, family(address));
  return own;
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
