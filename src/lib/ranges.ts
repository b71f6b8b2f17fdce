/** Sets of IP addresses. */
import { BlockList, isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Addresses and ranges such as `10.0.0.0/8` or `2606:50c0::/32`. One without a prefix length is that one address, in
 * IPv6 too. An IPv4 address is found in its mapped form (`::ffff:10.0.0.1`) as well.
 */
export class Ranges {
  readonly texts: readonly string[];
  readonly #list = new BlockList();
  readonly #known = new Answers<boolean>();

  /** @throws {TypeError} when one of the texts is neither an address nor a range. */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    for (const text of texts) {
      const [address = "", prefix] = text.split("/");
      const version = isIP(address);
      if (version === 0) throw new TypeError(`"${text}" is no address or range`);
      const family = version === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#list.addAddress(address, family);
      else if (!ipaddr.isValidCIDR(text)) throw new TypeError(`"${text}" is no address or range`);
      else this.#list.addSubnet(address, Number(prefix), family);
    }
  }

  /** @param address as {@link plainAddress} returns it. */
  has(address: string): boolean {
    return this.#known.of(address, () => {
      const version = isIP(address);
      return version !== 0 && this.#list.check(address, version === 6 ? "ipv6" : "ipv4");
    });
  }
}

/**
 * The one way to write an address: an IPv4 address in an IPv6 one (`::ffff:a00:1`) as the IPv4 address, and without a
 * zone. `undefined` when the text is no address, also not with a port or in brackets.
 */
export function plainAddress(text: string): string | undefined {
  return plainAddresses.of(text, () => {
    const [address = ""] = text.split("%", 1);
    return isIP(text) === 0 ? undefined : ipaddr.process(address).toString();
  });
}

/** The same few senders come again and again, and to ask anew for each delivery takes some microseconds. */
class Answers<T> {
  readonly #known = new Map<string, T>();

  of(text: string, find: () => T): T {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const found = find();
    // Of strangers there can be any number, and they can write anything.
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    if (text.length <= MAX_LENGTH) this.#known.set(text, found);
    return found;
  }
}

const MAX_KNOWN = 1_000;
const MAX_LENGTH = 64;
const plainAddresses = new Answers<string | undefined>();
