/** GitHub's addresses for whoever wants to look at them, or to write a rule for a firewall. */
import { AddressList } from "../github/addresses.ts";
import { plainAddress } from "../lib/ranges.ts";

export interface GitHubAddresses {
  /** Addresses and ranges, as `GET /meta` says them under `hooks`. */
  readonly ranges: readonly string[];
  /** When GitHub said or confirmed them. Older than an hour: it could not be asked. */
  readonly checkedAt: Date;
  /** Whether GitHub sends webhooks from this address. */
  has(address: string): boolean;
}

const HOUR_MS = 3_600_000;
const SILENT = { info: () => {}, warn: () => {} };

/** By the URL of the API; the same list is not asked for twice in an hour. */
const asked = new Map<string, { list: AddressList; at: number; answer: Promise<void> }>();

/**
 * The addresses that GitHub sends webhooks from. When GitHub cannot be asked, the last list that it gave, or else the
 * one that came with this package.
 *
 * @param options.apiUrl for Enterprise Server; `https://api.github.com` unless said.
 */
export async function githubAddresses(options: { apiUrl?: string } = {}): Promise<GitHubAddresses> {
  const apiUrl = (options.apiUrl ?? "https://api.github.com").replace(/\/+$/, "");
  const before = asked.get(apiUrl);
  const isFresh = before !== undefined && Date.now() - before.at < HOUR_MS;
  const list = before?.list ?? new AddressList({ apiUrl, log: SILENT });
  const current = isFresh ? before : { list, at: Date.now(), answer: list.refresh() };
  asked.set(apiUrl, current);
  await current.answer;
  return {
    ranges: list.ranges,
    checkedAt: new Date(list.checkedAt),
    has: (address) => {
      const plain = plainAddress(address);
      return plain !== undefined && list.has(plain);
    },
  };
}
