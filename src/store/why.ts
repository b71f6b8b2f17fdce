/** All that is known of a commit, a branch or a GUID, from its arrival to the last line of its runs. */
import type { HookFolder } from "../config/hook-folder.ts";
import { hookNamed, type LoadedHooks } from "../config/hook-named.ts";
import type { Verdict } from "../match/match.ts";
import { deliveryToJson, refusalToJson, runToJson } from "./as-json.ts";
import { isByHand } from "./by-hand.ts";
import { type Delivery, type DeliveryFilter, listDeliveries } from "./deliveries.ts";
import { readOutput } from "./output.ts";
import { type KeptRefusal, listRefusals, MAX_REFUSALS } from "./refusals.ts";
import { countRunningRuns, listRuns, type Run } from "./runs.ts";
import type { Database } from "./store.ts";
import { verdictsOf } from "./verdicts.ts";
import { nextCommand } from "./why-sentences.ts";

/** What somebody asked about, and all that was found. */
export interface Answer {
  asked: string;
  kind: "guid" | "commit" | "branch" | "repository";
  /** The newest first, a few. */
  stories: readonly Story[];
  /** Requests with this GUID that were refused, the newest first. */
  refused: readonly KeptRefusal[];
  /** What came last of all. */
  last?: Delivery;
  /** The hooks as they are now: what waits, waits for these. */
  today: Pick<HookFolder, "hooks" | "has">;
  /** How many runs are being performed now, whatever they are about. */
  running: number;
}

/** One delivery and what became of it. */
export interface Story {
  delivery: Delivery;
  /** Whether the hooks that judged it are known. */
  isJudged: boolean;
  hooks: readonly HookStory[];
}

export interface HookStory {
  hook: string;
  /** Absent where it did not judge: it was not there, or the run was started by hand. */
  verdict?: Verdict;
  /** The oldest first. */
  runs: readonly RunStory[];
}

export interface RunStory {
  run: Run;
  /** The end of what it has printed, where it failed. */
  lastLines: readonly string[];
}

const FEW = 5;
const LAST_LINES = 5;
const ALL_RUNS = { limit: 10_000 };
const COMMIT = /^[0-9a-f]{7,64}$/i;
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As the receiver takes them, and as runs by hand have them. */
const GUID = /^[0-9A-Za-z:-]{1,80}$/;

/**
 * @param asked a commit (its first seven digits will do), a GUID, or a branch or tag.
 * @param only of this hook or repository.
 * @param today the hooks as they are now.
 * @throws {UserError} when there is no hook of the name.
 */
export async function tellWhy(
  db: Database,
  asked: string,
  { hook, repository }: { hook?: string; repository?: string },
  today: LoadedHooks & Pick<HookFolder, "has">,
): Promise<Answer> {
  const { kind, deliveries } = await search(db, asked, repository);
  const stories = await Promise.all(deliveries.map((delivery) => tell(db, delivery, hook)));
  // A name that no story knows is a typing mistake, unless the hook is new.
  if (hook !== undefined && !stories.some(({ hooks }) => hooks.length > 0)) hookNamed(today, hook);
  const refusals = kind === "guid" ? await listRefusals(db, MAX_REFUSALS) : [];
  const [last] = await listDeliveries(db, {}, { limit: 1 });
  return {
    asked,
    kind,
    stories,
    refused: refusals.filter(({ guid }) => guid === asked),
    last,
    today,
    running: await countRunningRuns(db),
  };
}

/** What it is shows in what is found: a branch may well be called `deadbeef`. */
async function search(
  db: Database,
  asked: string,
  repository: string | undefined,
): Promise<{ kind: Answer["kind"]; deliveries: Delivery[] }> {
  const meanings: [kind: Answer["kind"], filter: DeliveryFilter][] = [];
  if (GUID.test(asked)) meanings.push(["guid", { guid: asked }]);
  if (COMMIT.test(asked)) meanings.push(["commit", { sha: asked.toLowerCase() }]);
  // That is found at once or not at all, while a branch that is not there takes a walk over everything.
  if (REPOSITORY.test(asked)) meanings.push(["repository", { repository: asked }]);
  if (!UUID.test(asked)) meanings.push(["branch", { ref: asked }]);
  for (const [kind, filter] of meanings) {
    const deliveries = await listDeliveries(db, { repository, ...filter }, { limit: FEW });
    if (deliveries.length > 0) return { kind, deliveries };
  }
  return { kind: UUID.test(asked) ? "guid" : COMMIT.test(asked) ? "commit" : "branch", deliveries: [] };
}

async function tell(db: Database, delivery: Delivery, only: string | undefined): Promise<Story> {
  const verdicts = isByHand(delivery) ? undefined : await verdictsOf(db, delivery);
  const runs = (await listRuns(db, { delivery: delivery.id }, ALL_RUNS)).reverse();
  const names = [...new Set([...(verdicts ?? []), ...runs].map(({ hook }) => hook))];
  const hooks = names
    .filter((name) => only === undefined || name === only)
    .map(async (name) => ({
      hook: name,
      verdict: verdicts?.find(({ hook }) => hook === name),
      runs: await Promise.all(runs.filter(({ hook }) => hook === name).map((run) => tellRun(db, run))),
    }));
  return { delivery, isJudged: verdicts !== undefined, hooks: await Promise.all(hooks) };
}

async function tellRun(db: Database, run: Run): Promise<RunStory> {
  if (run.status !== "failed") return { run, lastLines: [] };
  const pieces = await readOutput(db, run.id, run.attempt);
  const text = Buffer.concat(pieces.map(({ bytes }) => bytes)).toString();
  return { run, lastLines: text.trimEnd().split("\n").filter(Boolean).slice(-LAST_LINES) };
}

export function storyToJson(answer: Answer) {
  const { asked, kind, stories, refused, last } = answer;
  return {
    asked,
    kind,
    deliveries: stories.map(({ delivery, isJudged, hooks }) => ({
      ...deliveryToJson(delivery),
      sha: delivery.sha,
      byHand: isByHand(delivery),
      judged: isJudged,
      hooks: hooks.map(({ hook, verdict, runs }) => ({
        hook,
        matches: verdict?.matches ?? null,
        checks: verdict?.checks ?? null,
        runs: runs.map(({ run, lastLines }) => ({ ...runToJson(run), lastLines })),
      })),
    })),
    refused: refused.map(refusalToJson),
    last: last ? deliveryToJson(last) : null,
    next: nextCommand(answer) ?? null,
  };
}
