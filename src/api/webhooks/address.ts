/** Which addresses a webhook may be posted to: public ones, and those that the operator allows. */
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Says why an address may not be posted to. */
export class AddressRefused extends Error {}

/** What an operator allows beside public addresses: names of hosts, addresses, networks. */
export class Addresses {
  readonly #names: ReadonlySet<string>;
  readonly #networks: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

  /** `allowed`: such as `hooks.local` and `10.0.0.0/8`. */
  constructor(allowed: readonly string[]) {
    const isNetwork = (text: string) => ipaddr.isValidCIDR(text) || ipaddr.isValid(text);
    this.#names = new Set(allowed.filter((text) => !isNetwork(text)).map((text) => text.toLowerCase()));
    this.#networks = allowed.filter(isNetwork).map((text) => {
      const network = ipaddr.isValidCIDR(text) ? text : `${text}/${isIP(text) === 6 ? 128 : 32}`;
      return ipaddr.parseCIDR(network);
    });
  }

  /** Whether an IP address may be posted to. */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // An IPv4 address that is written as an IPv6 one is what it maps.
    const parsed = ipaddr.process(address);
    if (parsed.range() === 'unicast') return true;
    return this.#networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match([network, bits]));
  }

  /** @throws AddressRefused for an address, or a name that means this machine; other names are looked up later */
  checkHost(hostname: string): void {
    const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
    if (this.#names.has(host)) return;
    if (isIP(host) > 0 ? !this.allows(host) : /(^|\.)localhost\.?$/.test(host)) throw refused(hostname);
  }

  /** @throws AddressRefused where the name leads to an address that may not be posted to, or to none. */
  async check(hostname: string): Promise<void> {
    this.checkHost(hostname);
    if (isIP(hostname.replace(/^\[|\]$/g, '')) > 0) return;
    await new Promise<void>((resolve, reject) =>
      this.lookup(hostname, { all: true }, (error) => {
        if (error) reject(error);
        else resolve();
      }),
    );
  }

  /** For sockets: the name is looked up once, and what it leads to is both checked and connected to. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) {
        callback(error, '');
        return;
      }
      const named = this.#names.has(hostname.toLowerCase());
      const wrong = named ? undefined : found.find(({ address }) => !this.allows(address));
      if (wrong || found.length === 0) callback(refused(hostname, wrong?.address), '');
      else if (options.all) callback(null, found);
      else callback(null, found[0].address, found[0].family);
    });
  };
}

const refused = (hostname: string, address?: string): AddressRefused =>
  new AddressRefused(
    `${hostname}${address === undefined ? '' : ` leads to ${address}, which`} is not a public address; ` +
      'ONECYCLE_WEBHOOK_ALLOW can allow it',
  );
