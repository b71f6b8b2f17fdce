/**
 * A connection to the service that a delivery is forwarded to: straight there, without a proxy, and only to an address
 * that is allowed. The name is resolved once, and what was checked is what is connected to.
 */
import { lookup as lookUp } from "node:dns/promises";
import { once } from "node:events";
import { connect as connectTo, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as secure } from "node:tls";
import { formatDuration } from "../../lib/quantity.ts";
import { AddressDenied, type AddressRules, checkAddress, whyDenied } from "./addresses.ts";

interface ResolvedAddress {
  address: string;
  /** 4 or 6. */
  family: number;
}

export interface ConnectOptions {
  rules: AddressRules;
  /** How long it may take, TLS included, in milliseconds. */
  timeoutMs: number;
  /** Gives it up. */
  signal: AbortSignal;
  /** What finds a name's addresses; the system's resolver unless said. */
  resolve?: ((name: string) => Promise<readonly ResolvedAddress[]>) | undefined;
}

/** Nothing was sent. The message says why, for people. */
export class ConnectFailure extends Error {
  override name = "ConnectFailure";
}

/**
 * A connection that is ready for a request.
 *
 * @throws {AddressDenied} when the rules allow no address of it.
 * @throws {ConnectFailure} when there is none, or not in time.
 */
export async function connect(url: URL, options: ConnectOptions): Promise<Socket> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const stop = AbortSignal.any([options.signal, limit]);
  try {
    const plain = await connectPlain(url, options, stop);
    return url.protocol === "https:" ? await connectSecure(plain, hostOf(url), stop) : plain;
  } catch (error) {
    if (error instanceof AddressDenied) throw error;
    throw new ConnectFailure(`no connection to ${url.host}: ${whyNot(error, options, limit)}`);
  }
}

async function connectPlain(url: URL, options: ConnectOptions, stop: AbortSignal): Promise<Socket> {
  const host = hostOf(url);
  // An address is not looked up.
  if (isIP(host) !== 0) checkAddress(host, options.rules);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const socket = connectTo({ host, port, lookup: allowedOnly(options) });
  await ready(socket, "connect", stop);
  try {
    checkAddress(socket.remoteAddress ?? "", options.rules);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

async function connectSecure(socket: Socket, host: string, stop: AbortSignal): Promise<Socket> {
  const servername = isIP(host) === 0 ? host : "";
  const secured = secure({ socket, host, servername, ALPNProtocols: ["http/1.1"] });
  await ready(secured, "secureConnect", stop);
  return secured;
}

/** Looks names up, and tells of no address that may not be connected to. */
function allowedOnly({ rules, resolve = resolveBySystem }: ConnectOptions): LookupFunction {
  return (name, { all }, callback) => {
    const answer = async () => {
      const found = await resolve(name);
      const allowed = found.filter(({ address }) => whyDenied(address, rules) === undefined);
      const [first] = allowed;
      if (first) return { first, allowed };
      const [denied] = found;
      throw denied
        ? new AddressDenied(`${name}: ${whyDenied(denied.address, rules)}`)
        : new Error(`${name} has no address`);
    };
    answer().then(
      ({ first, allowed }) =>
        all ? callback(null, [...allowed]) : callback(null, first.address, first.family),
      (error: Error) => callback(error, ""),
    );
  };
}

function resolveBySystem(name: string): Promise<readonly ResolvedAddress[]> {
  return lookUp(name, { all: true });
}

async function ready(socket: Socket, event: "connect" | "secureConnect", stop: AbortSignal): Promise<void> {
  // What goes wrong once nobody waits any more is no news.
  socket.on("error", () => {});
  try {
    await once(socket, event, { signal: stop });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function whyNot(error: unknown, { signal, timeoutMs }: ConnectOptions, limit: AbortSignal): string {
  if (signal.aborted) return "it was stopped";
  return limit.aborted ? `not within ${formatDuration(timeoutMs)}` : messageOf(error);
}

/** Where a name has several addresses, each has failed in its own way. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(messageOf))].join("; ");
  return error instanceof Error ? error.message : String(error);
}
