/**
 * Which hooks a delivery is for, and why not the others. Pure: the same delivery and hooks give the same verdicts,
 * today and in a year. What narrows a name in `on` down is the business of `filters.ts`.
 */

import { groupOf, type RunGroup } from "./concurrency.ts";
import { checkCondition } from "./condition.ts";
import type { Subject } from "./contexts.ts";
import { webhookOf } from "./events.ts";
import { checkExecutable } from "./executable.ts";
import { type Check, compiled, FILTERS, listOf } from "./filters.ts";
import type { Hook, Trigger } from "./hook.ts";
import { checkListener } from "./listener.ts";
import { includes } from "./pattern.ts";
import type { Facts, Payload } from "./payload.ts";

export interface Verdict {
  hook: string;
  matches: boolean;
  /** It does not match for the one reason that something could not be told. */
  error?: true;
  /** That of the run, where it matches and the hook has one. */
  group?: RunGroup;
  checks: Check[];
}

/** A delivery as it came. */
export interface Incoming {
  /** The name of the source that it came by. */
  source: string;
  event: string;
  payload: Payload;
}

/** The verdict of every hook on a delivery, in the order of the hooks. */
export function judge(incoming: Incoming, facts: Facts, hooks: readonly Hook[]): Verdict[] {
  return hooks.map((hook) => whileDisabled(hook, judgeHook(incoming, facts, hook)));
}

/** A hook that is switched off matches nothing; its own filters are shown all the same. */
function whileDisabled({ name, disabled }: Hook, verdict: Verdict): Verdict {
  if (!disabled) return verdict;
  const reason = `the hook is disabled; \`longshore hooks enable ${name}\` ends that`;
  return {
    ...verdict,
    matches: false,
    checks: [{ filter: "disabled", passed: false, reason }, ...verdict.checks],
  };
}

/** Whether a verdict can change when somebody looks up which files have changed. */
export function needsChangedFiles({ matches, checks }: Verdict): boolean {
  return matches && checks.some(({ undecided }) => undecided);
}

/** A delivery as the hook has asked for it. */
export function asTriggered(incoming: Incoming, facts: Facts, hook: Hook): Subject {
  const triggers = triggersFor(incoming.event, hook);
  const isAskedFor = (trigger: Trigger) => matches(checkTrigger(trigger, incoming, facts, hook));
  // A person can replay what does not match; then it is what the hook asks for first.
  return subjectOf(triggers.find(isAskedFor) ?? triggers[0], incoming, facts);
}

function judgeHook(incoming: Incoming, facts: Facts, hook: Hook): Verdict {
  if (hook.work.kind === "executable") {
    const checks = checkExecutable(hook.name, incoming.event, facts);
    return { hook: hook.name, matches: matches(checks), checks };
  }
  if (hook.work.kind === "listener") {
    const checks = [checkListener(hook.on, incoming.event, facts)];
    return { hook: hook.name, matches: matches(checks), checks };
  }
  const triggers = triggersFor(incoming.event, hook);
  if (triggers.length === 0) {
    const reason = `\`${incoming.event}\` is not among ${listOf(hook.on.map(({ event }) => event))}`;
    return { hook: hook.name, matches: false, checks: [{ filter: "on", passed: false, reason }] };
  }
  // `pull_request` and `pull_request_target` are one event: the delivery is for the hook if it is for one of them.
  const answers = triggers.map((trigger) => checkTrigger(trigger, incoming, facts, hook));
  const common: Check[] = [
    { filter: "on", passed: true, reason: `the event is \`${incoming.event}\`` },
    ...checkSource(hook, incoming),
    ...checkRepositories(hook, facts),
  ];
  const checks = [...common, ...(answers.find(matches) ?? answers.flat())];
  if (matches(checks)) return inItsGroup(hook, incoming, facts, checks);
  const isUnknown = answers.some((answer) =>
    [...common, ...answer].every(({ passed, error }) => passed || error),
  );
  return { hook: hook.name, matches: false, ...(isUnknown ? { error: true } : {}), checks };
}

/** The verdict on a delivery that all filters let in: without knowing the group nobody can run it. */
function inItsGroup(hook: Hook, incoming: Incoming, facts: Facts, checks: Check[]): Verdict {
  // Most hooks have none, and to find out which trigger is meant asks all filters again.
  const group = hook.concurrency && groupOf(hook, incoming.source, asTriggered(incoming, facts, hook));
  if (group === undefined) return { hook: hook.name, matches: true, checks };
  if (!("problem" in group)) return { hook: hook.name, matches: true, group, checks };
  const check: Check = { filter: "concurrency", passed: false, error: true, reason: group.problem };
  return { hook: hook.name, matches: false, error: true, checks: [...checks, check] };
}

function triggersFor(event: string, { on }: Hook): Trigger[] {
  return on.filter((trigger) => webhookOf(trigger.event) === event);
}

/**
 * A delivery as a trigger means it: under `pull_request_target` it is about the branch that a pull request wants to go
 * to, not about what it brings along.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target
 */
function subjectOf(trigger: Trigger | undefined, { event, payload }: Incoming, facts: Facts): Subject {
  if (trigger?.event !== "pull_request_target") return { event, facts, payload };
  const ref = facts.baseRef && `refs/heads/${facts.baseRef}`;
  return { event: trigger.event, facts: { ...facts, ref, sha: facts.baseSha }, payload };
}

function checkTrigger(trigger: Trigger, incoming: Incoming, facts: Facts, hook: Hook): Check[] {
  const checks = FILTERS.flatMap((filter) => filter(trigger, facts) ?? []);
  const condition = checkCondition(hook, subjectOf(trigger, incoming, facts));
  return [...checks, ...checkForks(hook, trigger, facts), ...(condition ? [condition] : [])];
}

function checkSource({ source: wanted }: Hook, { source }: Incoming): Check[] {
  if (wanted === undefined) return [];
  const passed = source === wanted;
  return [
    { filter: "source", passed, reason: `it came by \`${source}\`${passed ? "" : `, not \`${wanted}\``}` },
  ];
}

function checkRepositories({ repositories }: Hook, { repository }: Facts): Check[] {
  if (!repositories) return [];
  const filter = "repositories";
  if (repository === null) return [{ filter, passed: false, reason: "it is of no repository" }];
  const lower = repositories.map((pattern) => pattern.toLowerCase());
  const passed = includes(lower.map(compiled), repository.toLowerCase());
  const reason = `\`${repository}\` ${passed ? "matches" : "matches none of"} ${listOf(repositories)}`;
  return [{ filter, passed, reason }];
}

/** Events whose commit a stranger can bring along. `pull_request_target` is not among them: it is about the base. */
const BRINGS_CODE = new Set([
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "pull_request_review_thread",
  "workflow_run",
]);

/**
 * Whether a run of this event works with what a stranger wrote. Then it gets no secrets.
 *
 * @param event as the hook has asked for it: see {@link asTriggered}.
 */
export function isForeign(event: string, { isFromFork }: Facts): boolean {
  return isFromFork && BRINGS_CODE.has(event);
}

/** Whoever opens a pull request writes its code, so a person has to look before a script works with it. */
function checkForks({ forks }: Hook, { event }: Trigger, facts: Facts): Check[] {
  if (!isForeign(event, facts)) return [];
  const { headRepository } = facts;
  const from = headRepository === null ? "a repository that is gone" : `the fork \`${headRepository}\``;
  const passed = forks === "run";
  const remedy =
    "a stranger may have written its code. Who has looked at it can start this hook with `longshore deliveries replay`; `forks: run` lets all match";
  return [{ filter: "forks", passed, reason: `it comes from ${from}${passed ? "" : `: ${remedy}`}` }];
}

function matches(checks: readonly Check[]): boolean {
  return checks.every(({ passed }) => passed);
}
