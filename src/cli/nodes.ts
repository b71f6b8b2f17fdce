/** `longshore nodes`: who receives and who performs runs on this database, and whether they all have the same hooks. */
import type { Command } from "commander";
import { UserError } from "../config/problem.ts";
import { formatDuration } from "../lib/quantity.ts";
import { didYouMean } from "../lib/suggest.ts";
import { shortTime } from "../lib/times.ts";
import { nodeToJson } from "../store/as-json.ts";
import { hookDifferences } from "../store/node-differences.ts";
import { forgetNode, listNodes, type Node } from "../store/nodes.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { print, printJson, printTable } from "./print.ts";

export function addNodes(program: Command): void {
  const nodes = program.command("nodes").description("the nodes: one for each `longshore serve`");
  nodes
    .command("list", { isDefault: true })
    .description("which there are, when they were seen last, and which hooks they have")
    .action((_, command: Command) => list(command.optsWithGlobals()));
  nodes
    .command("forget")
    .description("say that a node which is gone does not come back: what waits for it alone fails")
    .argument("<name>", "the name that `nodes list` shows")
    .action((name: string, _, command: Command) => forget(name, command.optsWithGlobals()));
}

async function list(options: GlobalOptions): Promise<void> {
  await withStore(options, async ({ db }) => {
    const now = Date.now();
    const nodes = await listNodes(db, now);
    const differences = hookDifferences(nodes);
    if (options.json) return printJson({ items: nodes.map(nodeToJson), next: null, differences });
    if (nodes.length === 0) return print("No node is known: nobody has run `longshore serve` for a while.");
    printTable(
      ["NODE", "ROLES", "STATE", "VERSION", "STARTED (UTC)", "LAST SEEN", "HOOKS"],
      nodes.map((node) => toCells(node, now)),
    );
    if (differences.length > 0)
      print(`\nNot all have the same hooks:\n${differences.map(({ message }) => `  ${message}`).join("\n")}`);
  });
}

async function forget(name: string, options: GlobalOptions): Promise<void> {
  await withStore(options, async ({ db }) => {
    const nodes = await listNodes(db, Date.now());
    const node = nodes.find((candidate) => candidate.name === name);
    if (!node) {
      const names = nodes.map((candidate) => candidate.name);
      throw new UserError(
        `There is no node "${name}".${didYouMean(name, names)} \`longshore nodes list\` shows them.`,
      );
    }
    if (node.state === "up")
      throw new UserError(
        `${name} was seen ${ago(node.seenAt, Date.now())}: it is still there. Stop it first.`,
      );
    await forgetNode(db, name);
    if (options.json) return printJson({ node: name, forgotten: true });
    print(`${name} is forgotten. Queued runs of hooks that no other worker has fail within a second or so.`);
  });
}

function toCells({ name, roles, state, version, startedAt, seenAt, hooks }: Node, now: number): string[] {
  const loaded = hooks.versions.filter((hook) => hook.version !== null).length;
  return [
    ...[name, roles.join(", "), state, version, shortTime(startedAt)],
    ...[ago(seenAt, now), `${loaded} (${hooks.digest})`],
  ];
}

function ago(at: number, now: number): string {
  return at > now ? `in ${formatDuration(at - now)}` : `${formatDuration(now - at)} ago`;
}
