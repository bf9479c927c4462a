import ipaddr from 'ipaddr.js';
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** The target is, or resolves to, an address inside our own network. */
export class AddressRefused extends Error {
  constructor(address: string) {
    super(`address_refused: ${address} is not a public address`);
    this.name = 'AddressRefused';
  }
}

/**
 * Whether anybody on the internet may have this address: not loopback, private, link-local (where clouds keep their
 * metadata), shared, multicast, or one that only stands for another, such as an IPv4 address in IPv6 clothes (RFC 6890).
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

/** Whether an address is this machine's own, and nobody's beside it. */
const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';

/**
 * Whether events may be sent to an address. The development switch lets loopback pass and nothing else: the rest of our own
 * network, the metadata of a cloud among it, is no place to try endpoints from.
 */
export const isTarget = (address: string, loopbackAllowed: boolean): boolean =>
  isPublic(address) || (loopbackAllowed && isLoopback(address));

export type Resolve = (hostname: string) => Promise<string[]>;

/**
 * Addresses of a name, asked of the name servers and not of the system's resolver: that one has four threads for the whole
 * process, and a few dead name servers would hold up every endpoint.
 */
export const resolvePublicly: Resolve = async (hostname) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
};

/** As the machine itself resolves, its hosts file included: for development, where names may be of this machine. */
export const resolveLocally: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map((one) => one.address);

/**
 * The addresses that a connection to `hostname` may use. Every one is looked at: a name that has one of ours among them is
 * refused whole. The connection is made to these and the name is not asked for again, so nobody can answer differently
 * the second time (DNS rebinding).
 */
export async function publicAddresses(
  hostname: string,
  resolve: Resolve,
  loopbackAllowed: boolean,
): Promise<string[]> {
  const literal = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(literal) ? [literal] : await resolve(hostname);
  if (addresses.length === 0) throw new Error(`name_not_resolved: ${hostname} has no address`);
  const refused = addresses.find((address) => !isTarget(address, loopbackAllowed));
  if (refused !== undefined) throw new AddressRefused(refused);
  return addresses;
}
