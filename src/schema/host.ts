/** Names, addresses and networks, as lists of those that are allowed have them. */
import { isIP } from 'node:net';

/** Whether a text is the name of a host, an address, or a network such as `10.0.0.0/8`. */
export function isHostOrNetwork(text: string): boolean {
  if (!text.includes('/')) return isIP(text) > 0 || isName(text);
  const [address, bits, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d+$/.test(bits) && Number(bits) <= most;
}

/** What ends in a number would be an address: RFC 1123 keeps names apart from these. */
const isName = (text: string): boolean =>
  /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(text) && !/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(text);
