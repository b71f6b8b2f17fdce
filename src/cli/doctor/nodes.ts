/** Whether all nodes are there, go by the same clock, are of one version, and have the same hooks. */
import { formatDuration } from "../../lib/quantity.ts";
import { hookDifferences } from "../../store/node-differences.ts";
import { isWorking, listNodes, type Node } from "../../store/nodes.ts";
import { countQueuedRuns } from "../../store/runs.ts";
import type { Database } from "../../store/store.ts";
import { bad, type Check, type Finding, good, orGood, unknown, warning } from "./check.ts";

/** Leases are extended with seconds to spare. */
const CLOCK_MS = 2_000;

export const nodes: Check = {
  name: "nodes",
  async examine({ store }) {
    if (!store) return [unknown("could not be checked without a database")];
    // Now: what was checked before may have taken a while.
    const now = Date.now();
    const all = await listNodes(store.db, now);
    const up = all.filter(({ state }) => state === "up");
    const findings = [
      ...(await vanished(store.db, all)).map(toVanished),
      ...up.flatMap((node) => aheadOf(node, now)),
      ...versionsOf(up),
      ...hookDifferences(all)
        .filter(({ isFault }) => isFault)
        .map(toFinding),
    ];
    if (up.length === 0 && findings.length === 0) return [good("none is running")];
    return orGood(findings, up.length === 1 ? "there is one" : `there are ${up.length} of one version`);
  },
};

function toVanished(message: string): Finding {
  return warning(
    message,
    "Start it again, or say that it does not come back: longshore nodes forget NAME. Look for the reason in its log",
  );
}

/** Those that nobody has stopped, and what waits for them. */
async function vanished(db: Database, all: readonly Node[]): Promise<string[]> {
  const found: string[] = [];
  for (const node of all.filter(({ state }) => state === "gone")) {
    const elsewhere = new Set(all.filter(isWorking).flatMap(hooksOf));
    const lonely = node.roles.includes("worker") ? hooksOf(node).filter((hook) => !elsewhere.has(hook)) : [];
    let waiting = 0;
    for (const hook of lonely) waiting += await countQueuedRuns(db, hook);
    const runs = waiting > 0 ? `; runs that only it can perform: ${waiting}` : "";
    found.push(`${node.name} has not been seen for ${formatDuration(Date.now() - node.seenAt)}${runs}`);
  }
  return found;
}

function hooksOf({ hooks }: Node): string[] {
  return hooks.versions.map(({ name }) => name);
}

function aheadOf({ name, seenAt }: Node, now: number): Finding[] {
  if (seenAt - now < CLOCK_MS) return [];
  return [
    bad(
      `the clock of ${name} is ${formatDuration(seenAt - now)} ahead of this machine's: leases and due times are wrong`,
      "Let the systems set them: timedatectl set-ntp true",
    ),
  ];
}

function versionsOf(up: readonly Node[]): Finding[] {
  const versions = Map.groupBy(up, ({ version }) => version);
  if (versions.size < 2) return [];
  const each = [...versions].map(([version, of]) => `${version} on ${of.map(({ name }) => name).join(", ")}`);
  return [warning(`not all are of one version: ${each.join("; ")}`, "Restart those that are older")];
}

function toFinding({ message }: { message: string }): Finding {
  return warning(message, "Bring the same hook files to all nodes; longshore nodes list shows what each has");
}
