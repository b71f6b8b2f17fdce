/**
 * Which hooks a delivery is for, and why not the others. Pure: the same delivery and hooks give the same verdicts,
 * today and in a year.
 *
 * To add a filter: a key in the schema of `config/hook-file.ts`, a field of `Trigger`, a check in `FILTERS` here.
 */
import type { Hook, Trigger } from "./hook.ts";
import { includes, type Pattern, parsePattern } from "./pattern.ts";
import { type Facts, shortRef } from "./payload.ts";

/** What one filter says of one delivery. */
export interface Check {
  /** As a person finds it in the hook file: `on`, `push.branches`. */
  filter: string;
  passed: boolean;
  reason: string;
}

export interface Verdict {
  hook: string;
  matches: boolean;
  checks: Check[];
}

/** A filter's answer, or `undefined` when the hook does not use this filter. */
type Filter = (trigger: Trigger, facts: Facts) => Check | undefined;

/** In the order in which a person reads them; all are asked, so that one look shows all that stands in the way. */
const FILTERS: readonly Filter[] = [checkDeletion, checkTypes, checkBranches];

/** The activity types that Actions takes when `types` is not given; every other event takes all of its types. */
const DEFAULT_TYPES = new Map<string, readonly string[]>([
  ["pull_request", ["opened", "synchronize", "reopened"]],
]);

/** The verdict of every hook on a delivery, in the order of the hooks. */
export function judge(event: string, facts: Facts, hooks: readonly Hook[]): Verdict[] {
  return hooks.map((hook) => whileDisabled(hook, judgeHook(event, facts, hook)));
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

function judgeHook(event: string, facts: Facts, hook: Hook): Verdict {
  const trigger = hook.on.find((candidate) => candidate.event === event);
  if (!trigger) {
    const wanted = hook.on.map((candidate) => candidate.event).join(", ");
    return {
      hook: hook.name,
      matches: false,
      checks: [{ filter: "on", passed: false, reason: `\`${event}\` is not among [${wanted}]` }],
    };
  }
  const checks: Check[] = [{ filter: "on", passed: true, reason: `the event is \`${event}\`` }];
  for (const filter of FILTERS) {
    const check = filter(trigger, facts);
    if (check) checks.push(check);
  }
  return { hook: hook.name, matches: checks.every((check) => check.passed), checks };
}

/** A push that deletes a branch or tag has no commit to work on, so it is nothing that a push hook asked for. */
function checkDeletion(trigger: Trigger, facts: Facts): Check | undefined {
  if (!facts.deleted) return;
  const filter = `${trigger.event}.deleted`;
  return { filter, passed: false, reason: `this push deletes \`${shortRef(facts.ref)}\`` };
}

function checkTypes(trigger: Trigger, facts: Facts): Check | undefined {
  const types = trigger.types ?? DEFAULT_TYPES.get(trigger.event);
  if (!types) return;
  const { action } = facts;
  const filter = `${trigger.event}.types`;
  const list = `[${types.join(", ")}]${trigger.types ? "" : " (the default)"}`;
  if (action === null)
    return { filter, passed: false, reason: `it has no action, which must be one of ${list}` };
  const passed = types.includes(action);
  return { filter, passed, reason: `\`${action}\` is ${passed ? "one" : "none"} of ${list}` };
}

function checkBranches(trigger: Trigger, facts: Facts): Check | undefined {
  if (!trigger.branches) return;
  const filter = `${trigger.event}.branches`;
  const branch = branchOf(trigger.event, facts);
  if (branch === null) {
    return { filter, passed: false, reason: `\`${facts.ref ?? "this delivery"}\` is no branch` };
  }
  const passed = includes(trigger.branches.map(compiled), branch);
  const list = `[${trigger.branches.join(", ")}]`;
  return {
    filter,
    passed,
    reason: passed ? `\`${branch}\` matches ${list}` : `\`${branch}\` matches none of ${list}`,
  };
}

/** The branch that `branches` means: the base on pull requests, the head on workflow runs, else the ref itself. */
function branchOf(event: string, facts: Facts): string | null {
  if (event === "workflow_run") return facts.headRef;
  if (facts.baseRef !== null) return facts.baseRef;
  return facts.ref?.startsWith("refs/heads/") ? shortRef(facts.ref) : null;
}

/** Hooks are plain data, so their patterns are read where they are used, once each. */
const patterns = new Map<string, Pattern>();

function compiled(text: string): Pattern {
  let pattern = patterns.get(text);
  if (!pattern) {
    pattern = parsePattern(text);
    patterns.set(text, pattern);
  }
  return pattern;
}
