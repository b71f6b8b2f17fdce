/** Other accounts of this machine, and whether a process of these tests can become one. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { EndedRun } from "./worker.ts";

export interface TestAccount {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));
const isRoot = process.geteuid?.() === 0;

/** As a rule tests are run by root in a container, and by somebody who is not everywhere else: each says what it expects. */
export const canBecomeOthers =
  isRoot && SETPRIV !== undefined && basename(realpathSync(SETPRIV)) === "setpriv";

/** One that is not ours; one with further groups if there is any. */
export const OTHER = findOther();

function findOther(): TestAccount {
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid, , home = ""]) => ({ name, uid: Number(uid), gid: Number(gid), home }))
    .filter(({ name, uid }) => /^[a-z]/.test(name) && uid > 0 && uid !== process.geteuid?.());
  const members = readFileSync("/etc/group", "utf8")
    .split("\n")
    .flatMap((line) => line.split(":")[3]?.split(",") ?? []);
  return accounts.find(({ name }) => members.includes(name)) ?? accounts[0] ?? assert.fail("there is none");
}

/** The numbers of its groups, as the system knows them. */
export function groupsOf(name: string): string[] {
  return execFileSync("id", ["-G", name], { encoding: "utf8" }).trim().split(" ").sort();
}

/** What a run ends with where no other account can be had. */
export function assertRefused({
  status,
  reason,
  stdout,
}: Pick<EndedRun, "status" | "reason" | "stdout">): void {
  assert.deepEqual([status, stdout], ["failed", ""]);
  assert.match(
    reason ?? "",
    /the server may not become the account|`setpriv` of util-linux is not installed/,
  );
}

/** Whether every account can read a file: Longshore may have been put where only its owner can. */
export function everybodyReads(url: string): boolean {
  const path = realpathSync(fileURLToPath(url));
  const above = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) above.push(folder);
  return (
    (statSync(path).mode & 0o004) !== 0 && above.every((folder) => (statSync(folder).mode & 0o001) !== 0)
  );
}

/** Runs a module's text in a Node that has the account's rights and these capabilities, and gives what it prints. */
export function asOther(script: string, capabilities: readonly string[] = []): string {
  const caps = capabilities.map((name) => `+${name}`).join(",");
  const kept = caps === "" ? "-all" : `-all,${caps}`;
  const args = [
    `--reuid=${OTHER.uid}`,
    `--regid=${OTHER.gid}`,
    "--clear-groups",
    `--inh-caps=${kept}`,
    `--ambient-caps=${kept}`,
    "--",
    process.execPath,
    "--input-type=module",
    "-e",
    script,
  ];
  return execFileSync(SETPRIV ?? "setpriv", args, { encoding: "utf8", cwd: "/" });
}
