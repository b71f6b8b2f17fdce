/** `longshore deliveries`: what came in, and what was refused. */
import { type Command, Option } from "commander";
import { formatSize } from "../lib/quantity.ts";
import { isoTime, shortTime } from "../lib/times.ts";
import { visibleLine, visibleText } from "../lib/visible.ts";
import { contentTypeOf, jsonText } from "../match/body.ts";
import { deliveryToJson, refusalToJson } from "../store/as-json.ts";
import { isByHand } from "../store/by-hand.ts";
import { type Delivery, type DeliveryFilter, listDeliveries } from "../store/deliveries.ts";
import { listRefusals } from "../store/refusals.ts";
import { requireDelivery } from "../store/stored-delivery.ts";
import { verdictsOf } from "../store/verdicts.ts";
import {
  type GlobalOptions,
  pageOf,
  parseId,
  parseLimit,
  STATUSES,
  withListOptions,
  withStore,
} from "./context.ts";
import { print, printJson, printJsonList, printMore, printTable, statusText } from "./print.ts";
import { addReplay } from "./replay.ts";
import { verdictLines } from "./verdict-lines.ts";

type ListOptions = GlobalOptions &
  Omit<DeliveryFilter, "repository"> & { repo?: string; limit: number; after?: number };

export function addDeliveries(program: Command): void {
  const deliveries = program.command("deliveries").description("what GitHub has delivered");
  withListOptions(deliveries.command("list").description("the newest deliveries first"))
    .option("--hook <name>", "that this hook has run for")
    .addOption(new Option("--status <status>", "that have a run of this status").choices(STATUSES))
    .option("--guid <guid>", "with this GUID")
    .action((_, command: Command) => list(command.optsWithGlobals()));
  deliveries
    .command("show")
    .description("one delivery: its runs, what every hook said of it, headers, payload")
    .argument("<id>", "the number that `deliveries list` shows", parseId)
    .option("--body", "print the body alone, byte for byte")
    .action((id: number, _, command: Command) => show(id, command.optsWithGlobals()));
  addReplay(deliveries);
  deliveries
    .command("refused")
    .description("the last requests that were refused, and why; what they say of themselves is not verified")
    .option("--limit <n>", "how many; the last 1000 are kept", parseLimit, 50)
    .action((_, command: Command) => refused(command.optsWithGlobals()));
}

async function list(options: ListOptions): Promise<void> {
  const { source, event, repo, ref, guid, hook, status, since, until, json } = options;
  const filter = { source, event, repository: repo, ref, guid, hook, status, since, until };
  const items = await withStore(options, ({ db }) => listDeliveries(db, filter, pageOf(options)));
  if (json) return printJsonList(items, options.limit, deliveryToJson);
  if (items.length === 0) return print("No deliveries.");
  printTable(
    ["ID", "RECEIVED (UTC)", "EVENT", "REPOSITORY", "REF", "SENDER", "RUNS"],
    items.map((item) => [
      item.id,
      shortTime(item.receivedAt),
      eventOf(item),
      item.repository,
      item.ref,
      item.sender,
      runsOf(item),
    ]),
  );
  printMore(items, options.limit);
}

async function show(id: number, options: GlobalOptions & { body?: boolean }): Promise<void> {
  const { delivery, headers, body, verdicts } = await withStore(options, async ({ db }) => {
    const found = await requireDelivery(db, id);
    return { ...found, verdicts: await verdictsOf(db, found.delivery) };
  });
  if (options.body) return void process.stdout.write(body);
  const payload: unknown = JSON.parse(
    jsonText(contentTypeOf(headers), body)
      .toString("utf8")
      .replace(/^\uFEFF/, ""),
  );
  if (options.json) {
    const { sha, client, secret } = delivery;
    return printJson({
      ...deliveryToJson(delivery),
      sha,
      client,
      secret,
      verdicts: verdicts ?? null,
      headers: Object.fromEntries(headers),
      payload,
    });
  }
  print(
    [
      ["delivery", `${id}${originOf(delivery)}`],
      [
        "received",
        `${isoTime(delivery.receivedAt)} from ${delivery.client ?? "–"}, source ${delivery.source}`,
      ],
      ["event", eventOf(delivery)],
      ["repository", delivery.repository],
      ["ref", delivery.ref],
      ["commit", delivery.sha],
      ["sender", delivery.sender],
      ["GUID", delivery.guid],
      ["webhook", delivery.webhookId],
      ["secret", delivery.secret],
      ["size", formatSize(delivery.size)],
    ]
      .map(([name, value]) => `${String(name).padEnd(11)} ${visibleLine(String(value ?? "–"))}`)
      .join("\n"),
  );
  print("\nruns");
  for (const run of delivery.runs) print(`  ${run.id}  ${run.hook}  ${statusText(run.status)}`);
  if (delivery.runs.length === 0) print("  none");
  print("\nverdicts");
  for (const line of verdictLines(verdicts ?? [])) print(`  ${line}`);
  if (!verdicts) print("  none: no hooks were asked, or it is of a version that did not keep them");
  else if (verdicts.length === 0) print("  none: there were no hooks");
  print("\nheaders");
  for (const [name, value] of headers) print(`  ${visibleLine(`${name}: ${value}`)}`);
  print(`\npayload\n${visibleText(JSON.stringify(payload, null, 2))}`);
}

async function refused(options: GlobalOptions & { limit: number }): Promise<void> {
  const items = await withStore(options, ({ db }) => listRefusals(db, options.limit));
  if (options.json) return printJson({ items: items.map(refusalToJson), next: null });
  if (items.length === 0) return print("Nothing has been refused.");
  printTable(
    ["AT (UTC)", "SOURCE", "CODE", "FROM", "EVENT (claimed)", "GUID (claimed)"],
    items.map(({ at, source, code, peer, event, guid }) => [shortTime(at), source, code, peer, event, guid]),
  );
}

function originOf(delivery: Delivery): string {
  if (isByHand(delivery)) return " (made by hand with `longshore run`, not sent by GitHub)";
  return delivery.replayed ? " (held back as a replay)" : "";
}

function eventOf({ event, action }: Delivery): string {
  return action === null ? event : `${event}.${action}`;
}

function runsOf(delivery: Delivery): string {
  const { runs, replayed } = delivery;
  if (replayed) return "held back: replay";
  const list = runs.map(({ id, hook, status }) => `${hook} ${status} (${id})`).join(", ") || "–";
  return isByHand(delivery) ? `by hand: ${list}` : list;
}
