/** What `longshore why` has found, in sentences. */
import { shortTime } from "../lib/times.ts";
import { visibleLine, visibleText } from "../lib/visible.ts";
import { checkText } from "../match/filters.ts";
import { durationText } from "./as-json.ts";
import { isByHand } from "./by-hand.ts";
import type { Delivery } from "./deliveries.ts";
import type { Run } from "./runs.ts";
import type { Answer, HookStory, RunStory, Story } from "./why.ts";

export function sentences(answer: Answer): string[] {
  const { stories } = answer;
  if (stories.length === 0) return notArrived(answer);
  return stories.flatMap((story, index) => [...(index > 0 ? [""] : []), ...aboutStory(story, answer)]);
}

/** What to type next, if there is anything left to be found out or done. */
export function nextCommand({ stories, refused, today, last }: Answer): string | undefined {
  const [newest] = stories;
  if (!newest) return refused.length > 0 || last === undefined ? "longshore deliveries refused" : undefined;
  const runs = newest.hooks.flatMap((hook) => hook.runs.at(-1)?.run ?? []).sort((a, b) => b.id - a.id);
  const failed = runs.find(({ status }) => status === "failed");
  if (failed) return `longshore runs logs ${failed.id}`;
  const queued = runs.find(({ status }) => status === "queued");
  const isOff = today.hooks.some(({ name, disabled }) => disabled && name === queued?.hook);
  if (queued) return isOff ? `longshore hooks enable ${queued.hook}` : `longshore runs show ${queued.id}`;
  const run = runs.find(({ status }) => status === "running") ?? runs[0];
  if (run) return `longshore runs logs ${run.id}${run.status === "running" ? " --follow" : ""}`;
  return newest.isJudged ? `longshore explain --delivery ${newest.delivery.id}` : undefined;
}

function notArrived({ asked, kind, refused, last }: Answer): string[] {
  const what = {
    guid: "with the GUID",
    commit: "of the commit",
    branch: "of the branch or tag",
    repository: "of the repository",
  }[kind];
  const lines = [visibleLine(`Nothing ${what} ${asked} has arrived.`)];
  for (const { at, code, source, peer } of refused) {
    const to = source === null ? "" : ` to the source ${source}`;
    lines.push(
      visibleLine(
        `A request that claims this GUID came${to} at ${time(at)} from ${peer ?? "an unknown address"} and was refused: ${code}.`,
      ),
    );
  }
  lines.push(
    last
      ? `What came last of all: ${titleOf(last)}, at ${time(last.receivedAt)}.`
      : "No delivery has ever arrived.",
  );
  if (refused.length === 0)
    lines.push("If GitHub has sent it, the webhook's Recent Deliveries on GitHub say what it was answered.");
  return lines;
}

function aboutStory(story: Story, answer: Answer): string[] {
  const { delivery, isJudged, hooks } = story;
  const byHand = isByHand(delivery);
  const lines = [
    byHand
      ? `${titleOf(delivery)} was made by hand here at ${time(delivery.receivedAt)}; GitHub has not sent it.`
      : `${titleOf(delivery)} arrived at ${time(delivery.receivedAt)}.`,
  ];
  if (delivery.replayed)
    lines.push(
      "  It is held back and starts nothing: the same body had come before under another GUID or webhook, and its sender is not known to be GitHub.",
    );
  if (!isJudged && !byHand) lines.push("  Which hooks judged it was not kept.");
  if (isJudged && hooks.length === 0) lines.push("  There was no such hook then, so it started nothing.");
  return [...lines, ...hooks.flatMap((hook) => aboutHook(hook, story, answer))];
}

function aboutHook({ hook, verdict, runs }: HookStory, { delivery }: Story, answer: Answer): string[] {
  const lines: string[] = [];
  if (verdict && !verdict.matches) {
    const reasons = verdict.checks.filter(({ passed }) => !passed).map(checkText);
    lines.push(`  ${hook} does not match: ${reasons.join("; ")}.`);
  } else if (verdict) {
    lines.push(`  ${hook} matches${delivery.replayed ? ", and is held back" : ""}.`);
    const undecided = verdict.checks.filter((check) => check.undecided);
    lines.push(...undecided.map((check) => `    ${checkText(check)}.`));
  }
  return [...lines, ...runs.flatMap((run) => aboutRun(run, answer))];
}

function aboutRun({ run, lastLines }: RunStory, answer: Answer): string[] {
  const again = run.retryOf === null ? "" : `, which tries run ${run.retryOf} again after a redelivery,`;
  const line = visibleLine(`  Run ${run.id} of ${run.hook}${again} ${stateOf(run, answer)}`);
  if (lastLines.length === 0) return [line];
  return [line, "  The last that it printed:", ...lastLines.map((text) => `    | ${visibleText(text)}`)];
}

function stateOf(run: Run, answer: Answer): string {
  const { status, exitCode, reason, attempt, startedAt, finishedAt, queuedAt } = run;
  const because = reason === null ? "" : `: ${reason}`;
  const tries = attempt > 1 ? ` in attempt ${attempt}` : "";
  const end = `at ${time(finishedAt ?? queuedAt)}`;
  switch (status) {
    case "queued":
      return `has been waiting since ${time(queuedAt)}${because && ` (${reason})`}: ${whatFor(run, answer)}.`;
    case "running":
      return `has been running since ${time(startedAt ?? queuedAt)}${tries}.`;
    case "succeeded":
      return `succeeded ${end}${tries}, after ${durationText(run)}.`;
    case "failed":
      return `failed ${end}${tries}${exitCode === null ? "" : ` with exit code ${exitCode}`}${because}.`;
    default:
      return `was ${status} ${end}${because}.`;
  }
}

/** What a queued run waits for. */
function whatFor({ hook: name, dueAt }: Run, { today, running }: Answer): string {
  const hook = today.hooks.find((candidate) => candidate.name === name);
  if (hook?.disabled) return "its hook is disabled";
  if (!hook)
    return today.has(name)
      ? "its hook's file has a mistake (`longshore check`)"
      : "its hook's file is gone, so it will fail";
  if (dueAt > Date.now()) return `for its next attempt, due at ${time(dueAt)}`;
  return running > 0
    ? `for a free worker; ${running} ${running === 1 ? "is" : "are"} at work`
    : "for a server: none is performing anything (`longshore serve`)";
}

/** `Delivery 7 (push, acme/site, refs/heads/main, commit 6113728, by alice)` */
function titleOf({ id, event, action, repository, ref, sha, sender }: Delivery): string {
  const parts = [
    action === null ? event : `${event}.${action}`,
    repository,
    ref,
    sha && `commit ${sha.slice(0, 7)}`,
    sender && `by ${sender}`,
  ];
  return visibleLine(`Delivery ${id} (${parts.filter(Boolean).join(", ")})`);
}

function time(ms: number): string {
  return `${shortTime(ms)} UTC`;
}
