/**
 * What the server may do that a run must not, and how a process is rid of it. Libuv's own `uid` drops supplementary
 * groups and leaves ambient capabilities, so it is util-linux' `setpriv` that starts what runs under another account.
 */
import { accessSync, constants, readFileSync, realpathSync } from "node:fs";
import { basename, delimiter, isAbsolute, join } from "node:path";
import { serverPath } from "./environment.ts";

/** What it takes to start, feed, stop and clear up after the runs of another account: Linux's numbers of it. */
const NEEDED = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_FOWNER: 3,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  // Without it `setpriv` leaves the bounding set as it is, and says nothing.
  CAP_SETPCAP: 8,
};

const NO_SETPRIV =
  "`setpriv` of util-linux is not installed, and only it can start a run without the server's rights; install the package util-linux (BusyBox' program of that name cannot do it)";

/**
 * The command in front of what is to run under an account, or why there is none.
 *
 * @param account the numbers of a user and of its first group.
 */
export function wayInto(account: {
  name: string;
  uid: number;
  gid: number;
}): { isOther: boolean; through?: readonly string[] } | { problem: string } {
  const isOther = account.uid !== process.geteuid?.();
  // Root's rights are the account's own; what another account was lent is not for its scripts.
  if (!isOther && (account.uid === 0 || capabilities("CapAmb") === 0n)) return { isOther };
  const program = findSetpriv();
  if (program === undefined) return { problem: NO_SETPRIV };
  if (!isOther) return { isOther, through: [program, "--inh-caps=-all", "--ambient-caps=-all", "--"] };
  const missing = missingCapabilities();
  if (missing.length > 0) return { problem: withoutRight(account.name, missing) };
  return {
    isOther,
    through: [
      program,
      `--reuid=${account.uid}`,
      `--regid=${account.gid}`,
      "--init-groups",
      "--inh-caps=-all",
      "--ambient-caps=-all",
      "--bounding-set=-all",
      "--",
    ],
  };
}

/** Why nothing can be run under another account on this machine, whoever the server is; `undefined` when it can. */
export function whyNoOtherAccounts(): string | undefined {
  return findSetpriv() === undefined ? NO_SETPRIV : undefined;
}

function withoutRight(name: string, missing: readonly string[]): string {
  const who = process.geteuid?.() === 0 ? "root, but without" : `account ${process.geteuid?.()}, without`;
  return `the server may not become the account ${name}: it runs as ${who} ${missing.join(", ")}. Start it as root or with these capabilities, or run it as ${name}`;
}

function missingCapabilities(): string[] {
  // What another program still has after it was started: only ambient ones, save for root.
  const held = capabilities(process.geteuid?.() === 0 ? "CapEff" : "CapAmb");
  return Object.entries(NEEDED)
    .filter(([, number]) => (held & (1n << BigInt(number))) === 0n)
    .map(([name]) => name);
}

/** One of the sets of this process; none where there is no such thing. */
function capabilities(set: "CapEff" | "CapAmb"): bigint {
  try {
    const found = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, "m").exec(readFileSync("/proc/self/status", "utf8"));
    return BigInt(`0x${found?.[1] ?? "0"}`);
  } catch {
    return 0n;
  }
}

/** By its whole path: the `PATH` of a run is not to say what is started with the server's rights. */
function findSetpriv(): string | undefined {
  const folders = serverPath().split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, "setpriv")).find(isSetpriv);
}

/** BusyBox is one program under many names. */
function isSetpriv(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return basename(realpathSync(path)) === "setpriv";
  } catch {
    return false;
  }
}
