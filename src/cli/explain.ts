/** `longshore explain`: what today's hooks say of a payload, filter by filter, without storing or running anything. */
import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { UserError } from "../config/problem.ts";
import { findSample } from "../github/samples.ts";
import { visibleLine } from "../lib/visible.ts";
import { BodyInvalid } from "../match/body.ts";
import { webhookOf } from "../match/events.ts";
import { judgeBody } from "../match/judge-body.ts";
import type { Verdict } from "../match/match.ts";
import { requireDelivery } from "../store/stored-delivery.ts";
import { judgeStored } from "../store/verdicts.ts";
import { type GlobalOptions, parseId, settingsOf, sourceNamed, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { loadTodaysHooks } from "./todays-hooks.ts";
import { verdictLines } from "./verdict-lines.ts";

type ExplainOptions = GlobalOptions & { event?: string; source?: string; delivery?: number };

/** What is explained, and by what name people know it. */
interface Explained {
  title: string;
  event: string;
  verdicts: readonly Verdict[];
}

export function addExplain(program: Command): void {
  program
    .command("explain")
    .description("what the hooks say of a payload, filter by filter; nothing is run")
    .argument(
      "[file]",
      "the payload as JSON, - for standard input, or a sample such as push or issues.opened",
    )
    .option("--event <name>", "the event that the payload is of")
    .option("--source <name>", "as if it came to this source")
    .option("--delivery <id>", "a stored delivery instead of a file", parseId)
    .action((file: string | undefined, _, command: Command) => explain(file, command.optsWithGlobals()));
}

async function explain(file: string | undefined, options: ExplainOptions): Promise<void> {
  const { title, event, verdicts } = await findOut(file, options);
  if (options.json) return printJson({ event, hooks: verdicts });
  print(visibleLine(title));
  if (verdicts.length === 0) print("\nThere are no hooks. `longshore init` writes a first one.");
  else print(`\n${verdictLines(verdicts).join("\n")}`);
}

async function findOut(file: string | undefined, options: ExplainOptions): Promise<Explained> {
  if (options.delivery !== undefined) {
    if (file !== undefined || options.event !== undefined || options.source !== undefined)
      throw new UserError(
        "--delivery names a stored delivery, with its event and source: leave the rest out.",
      );
    return explainDelivery(options.delivery, options);
  }
  if (file === undefined)
    throw new UserError(
      "Name a file with a payload, such as `longshore explain event.json --event push`, or a stored delivery with --delivery.",
    );
  return explainFile(file, options);
}

async function explainFile(file: string, options: ExplainOptions): Promise<Explained> {
  const loaded = settingsOf(options);
  const source = sourceNamed(loaded, options.source).name;
  const { event, body } = readSubject(file, options.event);
  const { hooks } = await loadTodaysHooks(loaded);
  try {
    const { facts, verdicts } = judgeBody({ event, source, contentType: "json", body }, hooks);
    const about = [facts.repository, facts.ref].filter((fact) => fact !== null);
    const action = facts.action === null ? "" : `.${facts.action}`;
    return { title: [`${event}${action}`, ...about].join(", "), event, verdicts };
  } catch (error) {
    if (!(error instanceof BodyInvalid)) throw error;
    throw new UserError(`${file} is no payload: ${error.message}.`);
  }
}

async function explainDelivery(id: number, options: ExplainOptions): Promise<Explained> {
  return withStore(options, async ({ db }, loaded) => {
    const { delivery } = await requireDelivery(db, id);
    const { hooks } = await loadTodaysHooks(loaded, db);
    const verdicts = (await judgeStored(db, delivery, hooks)) ?? [];
    return { title: `delivery ${id}, by the hooks of today`, event: delivery.event, verdicts };
  });
}

/** The bytes, and the event: of a sample it is known, of a file nobody but the person who has it can know. */
function readSubject(file: string, event: string | undefined): { event: string; body: Buffer } {
  const sample = file !== "-" && !existsSync(file) ? sampleNamed(file) : undefined;
  if (sample) return { event: event ?? sample.event, body: Buffer.from(JSON.stringify(sample.payload)) };
  const body = readPayload(file);
  if (event === undefined)
    throw new UserError(
      `A payload does not say which event it is of: add --event, such as \`longshore explain ${file} --event push\`. GitHub sends it in the header X-GitHub-Event.`,
    );
  // `pull_request_target` comes as a `pull_request`.
  return { event: webhookOf(event) ?? event, body };
}

/** `push`, or with an action `issues.opened`. */
function sampleNamed(name: string) {
  const [event = "", action] = name.split(".", 2);
  return findSample(event, action);
}

function readPayload(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new UserError(`${file} cannot be read: ${message}.`);
    throw new UserError(
      `There is no file ${file}, and no sample of that name. Samples are named like push or issues.opened; \`longshore send --list\` shows them.`,
    );
  }
}
