/**
 * Which addresses a delivery may be forwarded to. What only this machine or its network segment can reach, and the
 * services that hand a cloud machine its credentials, are no place for what a stranger can set off.
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import ipaddr from "ipaddr.js";
import { plainAddress } from "../../lib/ranges.ts";

export interface AddressRules {
  /** Whether addresses of this machine and of private networks are allowed. */
  allowPrivate: boolean;
}

/** Why nothing is sent to an address. The message names it, and the setting that decides. */
export class AddressDenied extends Error {
  override name = "AddressDenied";
}

/** @throws {AddressDenied} */
export function checkAddress(address: string, rules: AddressRules): void {
  const reason = whyDenied(address, rules);
  if (reason !== undefined) throw new AddressDenied(reason);
}

/**
 * Why nothing is sent to an address, in a sentence that names it; `undefined` when it may be.
 *
 * @param address in whatever spelling, without brackets.
 */
export function whyDenied(address: string, { allowPrivate }: AddressRules): string | undefined {
  const plain = plainAddress(address);
  if (plain === undefined) return `"${address}" is no address`;
  // An address that carries another one leads to that one.
  const kinds = [plain, ...carriedBy(plain)].flatMap((one) => kindOf(one) ?? []);
  const never = kinds.find((kind) => NEVER.has(kind));
  if (never !== undefined)
    return `${plain} is ${never} address: nothing is forwarded to one, whatever the settings say`;
  const [other] = kinds;
  if (allowPrivate || other === undefined) return undefined;
  return `${plain} is ${other} address, and the settings say \`forward.allow-private: false\``;
}

const LINK_LOCAL = "a link-local";
const METADATA = "a cloud's metadata";
const UNSPECIFIED = "an unspecified";
const MULTICAST = "a multicast";
const BROADCAST = "a broadcast";
const NEVER: ReadonlySet<string> = new Set([LINK_LOCAL, METADATA, UNSPECIFIED, MULTICAST, BROADCAST]);

/** Of Amazon and of Google; those of the others are link-local. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(["fd00:ec2::254", "fd20:ce::254"]);

const KINDS = new Map([
  ["linkLocal", LINK_LOCAL],
  ["unspecified", UNSPECIFIED],
  ["multicast", MULTICAST],
  ["broadcast", BROADCAST],
  ["loopback", "a loopback"],
  ["private", "a private"],
  ["uniqueLocal", "a private"],
  ["carrierGradeNat", "a private"],
]);

/** What carries an IPv4 address is judged by that. */
const CARRIERS: ReadonlySet<string> = new Set(["rfc6145", "rfc6052", "6to4"]);

/** `undefined` for what the whole internet can reach. */
function kindOf(plain: string): string | undefined {
  if (METADATA_ADDRESSES.has(plain)) return METADATA;
  const range = ipaddr.parse(plain).range();
  if (range === "unicast" || CARRIERS.has(range)) return undefined;
  return KINDS.get(range) ?? "a reserved";
}

/**
 * The IPv4 addresses that a translator, a tunnel or an old stack would make of an IPv6 one: `::a.b.c.d`,
 * `::ffff:0:a.b.c.d`, `64:ff9b::a.b.c.d`, the local `64:ff9b:1::/48` in both its forms, and 6to4.
 */
function carriedBy(plain: string): string[] {
  const parsed = ipaddr.parse(plain);
  if (parsed.kind() === "ipv4") return [];
  const bytes = parsed.toByteArray();
  const at = (...places: number[]) => places.map((place) => bytes[place]).join(".");
  const begins = (...head: number[]) => head.every((byte, index) => bytes[index] === byte);
  const zeros = (length: number) => Array<number>(length).fill(0);
  if (begins(0x20, 0x02)) return [at(2, 3, 4, 5)];
  // Which of its forms it has cannot be told; the other one reads as zeros.
  if (begins(0x00, 0x64, 0xff, 0x9b, 0x00, 0x01))
    return [at(12, 13, 14, 15), at(6, 7, 9, 10)].filter((one) => one !== "0.0.0.0");
  if (begins(0x00, 0x64, 0xff, 0x9b, ...zeros(8))) return [at(12, 13, 14, 15)];
  if (begins(...zeros(8), 0xff, 0xff, 0, 0)) return [at(12, 13, 14, 15)];
  // `::` and `::1` are no IPv4 addresses.
  if (begins(...zeros(12)) && bytes.slice(12, 15).some((byte) => byte !== 0)) return [at(12, 13, 14, 15)];
  return [];
}
