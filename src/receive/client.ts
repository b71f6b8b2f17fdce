/**
 * Who is speaking: the address that connected or, behind trusted proxies, the one that they name; and whether a source
 * may be reached from there.
 */
import type { IncomingMessage } from "node:http";
import proxyAddr from "proxy-addr";
import { plainAddress, Ranges } from "../lib/ranges.ts";
import { visibleLine } from "../lib/visible.ts";
import { RequestAborted } from "./body.ts";
import { Rejection } from "./rejection.ts";
import type { RequestHead } from "./request-head.ts";

export interface ProxyTrust {
  /** Addresses, ranges, `loopback`, `linklocal`, `uniquelocal`. */
  proxies: readonly string[];
  /** Whether the owner named them: only then does what they say make a sender known. */
  isExplicit: boolean;
  /** How many proxies stand between the internet and us, at most. */
  hops: number;
}

export interface Client {
  /** The plain address of the sender, as far as we know. */
  address: string;
  /** The plain address that connected. */
  peer: string;
  /** Whether the address is one that a trusted proxy named. */
  isForwarded: boolean;
}

export interface KnownAddresses {
  has(address: string): boolean;
}

const LOOPBACK = new Ranges(["127.0.0.0/8", "::1"]);
/** Any of these says that somebody stands in between. */
const FORWARDING_HEADERS = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "x-forwarded-host",
  "x-forwarded-proto",
  "via",
];
const GITHUBS_AGENT = /^GitHub-Hookshot\//;

/** Finds the client of a request by the right-most untrusted entry of `X-Forwarded-For`. */
export class ClientFinder {
  readonly #trust: ProxyTrust;
  readonly #isProxy: (address: string) => boolean;

  constructor(trust: ProxyTrust) {
    const trusts = proxyAddr.compile([...trust.proxies]);
    this.#trust = trust;
    this.#isProxy = (address) => trusts(address, 0);
  }

  /**
   * @throws {RequestAborted} when nobody can say any more who it was.
   * @throws {Rejection} when a trusted proxy brings a header that names no address: whom it speaks for is then
   * not known, and taking the proxy itself for the sender would let everybody in.
   */
  find(request: RequestHead): Client {
    const { remoteAddress, destroyed } = request.socket;
    // A connection that is gone has no address any more, and must not pass for the next case.
    if (remoteAddress === undefined && destroyed) throw new RequestAborted("the sender has gone");
    // A socket file has no address: whoever can open it is on this machine.
    const peer = plainAddress(remoteAddress ?? "127.0.0.1") ?? "";
    const header = request.headers["x-forwarded-for"];
    if (header === undefined || !this.#isProxy(peer)) return { address: peer, peer, isForwarded: false };

    const entries = String(header)
      .split(",")
      .map((entry) => plainAddress(entry.trim()));
    if (entries.includes(undefined)) {
      throw new Rejection(
        "address_not_allowed",
        "X-Forwarded-For has an entry that is no plain address; let the proxy send addresses without ports, brackets or names",
        { peer, forwardedFor: visibleLine(String(header)) },
      );
    }
    const { hops } = this.#trust;
    // Asked with the plain addresses, because `proxy-addr` takes what it cannot read for the last trusted one.
    const plain = { socket: { remoteAddress: peer }, headers: { "x-forwarded-for": entries.join(",") } };
    const address = proxyAddr(
      plain as unknown as IncomingMessage,
      (entry, hop) => hop < hops && this.#isProxy(entry),
    );
    return { address, peer, isForwarded: true };
  }

  /** Whether the sender certainly is GitHub by its address: directly, or by the word of a proxy that the owner named. */
  isKnown(client: Client, github: KnownAddresses): boolean {
    return (!client.isForwarded || this.#trust.isExplicit) && github.has(client.address);
  }
}

/** From where a source may be reached. */
export class AllowList {
  readonly #entries: ReadonlySet<string>;
  readonly #ranges: Ranges;
  readonly #github: KnownAddresses;

  /** @param entries ranges, `github`, `loopback`, `any`. */
  constructor(entries: readonly string[], github: KnownAddresses) {
    this.#entries = new Set(entries);
    this.#ranges = new Ranges(entries.filter((entry) => !["github", "loopback", "any"].includes(entry)));
    this.#github = github;
  }

  /** @throws {Rejection} when the client may not speak to this source. */
  check(client: Client, headers: IncomingMessage["headers"]): void {
    const { address } = client;
    if (this.#entries.has("any") || this.#ranges.has(address)) return;
    if (this.#entries.has("github") && this.#github.has(address)) return;

    if (LOOPBACK.has(address) && !client.isForwarded) {
      if (GITHUBS_AGENT.test(headers["user-agent"] ?? "")) throw senderHidden(client);
      const forwarding = FORWARDING_HEADERS.filter((name) => headers[name] !== undefined);
      if (this.#entries.has("loopback") && forwarding.length === 0) return;
    }
    throw address === "" ? peerNotKnown() : notAllowed(client, headers);
  }
}

/** Only where no connection came with the request. */
function peerNotKnown(): Rejection {
  return new Rejection(
    "address_not_allowed",
    'it is not known who connected: hand the address over with `receiver.fetch(request, { address })`, or say `allowFrom: ["any"]` where only the signature is to count',
  );
}

function senderHidden(client: Client): Rejection {
  return new Rejection(
    "sender_hidden",
    "this comes from a proxy on this machine that does not say for whom; let it set X-Forwarded-For to the client's address (nginx: proxy_set_header X-Forwarded-For $remote_addr;)",
    { peer: client.peer },
  );
}

function notAllowed(client: Client, headers: IncomingMessage["headers"]): Rejection {
  const brought = Object.fromEntries(
    FORWARDING_HEADERS.flatMap((name) => (headers[name] ? [[name, visibleLine(String(headers[name]))]] : [])),
  );
  const remedy =
    client.isForwarded || Object.keys(brought).length === 0
      ? `allow-from: [${client.address}]`
      : "x-forwarded-for" in brought
        ? `trust-proxy: [${client.peer}]`
        : "let the proxy send X-Forwarded-For with the client's address";
  return new Rejection(
    "address_not_allowed",
    `${client.address} may not send deliveries here; the owner can admit it with \`allow-from\`, or a proxy with \`trust-proxy\``,
    { peer: client.peer, address: client.address, brought, wouldAdmit: remedy },
  );
}
