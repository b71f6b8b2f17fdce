/** `longshore runs`: what the hooks did. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { isoTime, shortTime } from "../lib/times.ts";
import { visibleText } from "../lib/visible.ts";
import { findLastAnswer } from "../store/answers.ts";
import { answerToJson, durationText, runDetailsToJson, runToJson } from "../store/as-json.ts";
import { type Attempt, listAttempts } from "../store/attempts.ts";
import { findHighlights } from "../store/highlights.ts";
import { readOutput } from "../store/output.ts";
import { listRuns, type Run } from "../store/runs.ts";
import type { Database } from "../store/store.ts";
import { answerLines } from "./answer-lines.ts";
import { asTyped } from "./as-typed.ts";
import { addCancel } from "./cancel.ts";
import { type GlobalOptions, pageOf, parseId, STATUSES, withListOptions, withStore } from "./context.ts";
import { highlightLines } from "./highlight-lines.ts";
import { LogText, streamDecoders } from "./log-text.ts";
import { print, printJson, printJsonList, printMore, printTable, statusText } from "./print.ts";
import { addRetry } from "./retry.ts";
import { type RunFilterOptions, requireRun, toRunFilter, withRunFilterOptions } from "./which-runs.ts";

type ListOptions = RunFilterOptions & { limit: number; after?: number };
type LogOptions = GlobalOptions & { attempt?: number; follow?: boolean };

const FOLLOW_EVERY_MS = 200;

export function addRuns(program: Command): void {
  const runs = program.command("runs").description("what the hooks have done");
  const listing = runs.command("list").description("the newest runs first");
  withRunFilterOptions(withListOptions(listing), STATUSES).action((_, command: Command) =>
    list(command.optsWithGlobals()),
  );
  runs
    .command("show")
    .description("one run")
    .argument("<id>", "the number that `runs list` shows", parseId)
    .action((id: number, _, command: Command) => show(id, command.optsWithGlobals()));
  runs
    .command("logs")
    .description("what a run has printed")
    .argument("<id>", "the number that `runs list` shows", parseId)
    .option("--attempt <n>", "of this attempt, not the last one", parseId)
    .option("--follow", "wait for more until the run has ended")
    .action((id: number, _, command: Command) => logs(id, command.optsWithGlobals()));
  addCancel(runs);
  addRetry(runs);
}

async function list(options: ListOptions): Promise<void> {
  const items = await withStore(options, ({ db }) => listRuns(db, toRunFilter(options), pageOf(options)));
  if (options.json) return printJsonList(items, options.limit, runToJson);
  if (items.length === 0) return print("No runs.");
  printTable(
    ["ID", "HOOK", "STATUS", "DELIVERY", "QUEUED (UTC)", "TOOK", "EXIT", "REASON"],
    items.map((run) => [
      run.id,
      run.hook,
      run.status,
      run.deliveryId,
      shortTime(run.queuedAt),
      durationText(run),
      run.exitCode,
      run.reason,
    ]),
  );
  printMore(items, options.limit);
}

async function show(id: number, options: GlobalOptions): Promise<void> {
  const { run, attempts, answer, highlights } = await withStore(options, async ({ db }) => {
    const found = await requireRun(db, id);
    return {
      run: found,
      attempts: await listAttempts(db, found),
      answer: await findLastAnswer(db, id),
      highlights: await findHighlights(db, id, found.attempt),
    };
  });
  if (options.json)
    return printJson({
      ...runDetailsToJson(run, attempts),
      ...highlights,
      ...(answer && { answer: answerToJson(answer) }),
    });
  const isWaiting = run.status === "queued" && run.dueAt > Date.now();
  const fields: [string, string | number | null][] = [
    ["run", run.id],
    ["hook", run.hook],
    ["status", statusText(run.status)],
    ["reason", run.reason],
    ["delivery", run.deliveryId],
    ["attempt", run.attempt],
    ["exit code", run.exitCode],
    ["signal", run.signal],
    ["queued", isoTime(run.queuedAt)],
    ...(isWaiting ? [["due", isoTime(run.dueAt)] as [string, string]] : []),
    ["started", run.startedAt && isoTime(run.startedAt)],
    ["finished", run.finishedAt && isoTime(run.finishedAt)],
    ["took", durationText(run)],
    ["retry of", run.retryOf],
    ["asked by", run.askedBy],
  ];
  print(fields.map(([name, value]) => `${name.padEnd(10)} ${visibleText(String(value ?? "–"))}`).join("\n"));
  if (attempts.length > 1) {
    print("\nattempts");
    for (const attempt of attempts) print(visibleText(`  ${attemptLine(attempt)}`));
  }
  if (answer) print(`\n${answerLines(answer).join("\n")}`);
  for (const line of highlightLines(highlights)) print(line);
  print(`\nWhat it printed: ${asTyped(`runs logs ${run.id}`)}`);
}

function attemptLine({ attempt, outcome, startedAt, exitCode, signal, reason }: Attempt): string {
  const how = [exitCode !== null && `exit code ${exitCode}`, signal, reason].filter(Boolean).join(", ");
  return `${attempt}  ${isoTime(startedAt)}  ${outcome}${how && `: ${how}`}`;
}

async function logs(id: number, options: LogOptions): Promise<void> {
  await withStore(options, async ({ db }) => {
    const run = await requireRun(db, id);
    if (options.json) return printLogsJson(db, run, options.attempt ?? run.attempt);
    const ended = await printLogs(db, run, options);
    process.stderr.write(`${summaryOf(ended)}\n`);
  });
}

async function printLogsJson(db: Database, run: Run, attempt: number): Promise<void> {
  const pieces = await readOutput(db, run.id, attempt);
  const decoders = streamDecoders();
  const last = new Map(pieces.map(({ stream, seq }) => [stream, seq]));
  const output = pieces.map(({ stream, seq, at, bytes }) => ({
    stream,
    at: isoTime(at),
    text: decoders[stream].decode(bytes, { stream: last.get(stream) !== seq }),
  }));
  printJson({ run: runToJson(run), attempt, output });
}

/** Prints what there is and, when following, what comes, until the run has ended. Returns the run as it then is. */
export async function printLogs(db: Database, first: Run, { attempt, follow }: LogOptions): Promise<Run> {
  let text = new LogText();
  let shown = { attempt: 0, seq: -1 };
  for (let run = first; ; run = await requireRun(db, first.id)) {
    // A run that waits has no attempt yet, and one that is interrupted gets another.
    const wanted = attempt ?? run.attempt;
    if (wanted !== shown.attempt) {
      process.stdout.write(text.end());
      text = new LogText();
      shown = { attempt: wanted, seq: -1 };
    }
    for (const piece of await readOutput(db, run.id, wanted, shown.seq)) {
      shown.seq = piece.seq;
      process.stdout.write(text.add(piece));
    }
    if (!follow || run.finishedAt !== null) {
      process.stdout.write(text.end());
      return run;
    }
    await delay(FOLLOW_EVERY_MS);
  }
}

/** How a run stands, in one line. */
export function summaryOf(run: Run): string {
  const parts = [`run ${run.id} (${run.hook}): ${run.status}`];
  if (run.exitCode !== null) parts.push(`exit code ${run.exitCode}`);
  if (run.finishedAt !== null) parts.push(durationText(run));
  if (run.reason !== null) parts.push(run.reason);
  return visibleText(parts.join(", "));
}
