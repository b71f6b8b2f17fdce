/**
 * What narrows one name in `on` down, as GitHub Actions means it.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#on
 *
 * To add a filter: its key in `config/trigger-schema.ts`, a field of `Trigger`, a function in `FILTERS` here.
 */
import { visibleLine } from "../lib/visible.ts";
import { defaultTypesOf } from "./events.ts";
import type { Trigger } from "./hook.ts";
import { includes, type Pattern, parsePattern } from "./pattern.ts";
import { type Facts, shortRef } from "./payload.ts";

/** What one filter says of one delivery. */
export interface Check {
  /** As a person finds it in the hook file: `on`, `push.branches`. */
  filter: string;
  passed: boolean;
  reason: string;
  /** It could not be told, which counts as not passed. */
  error?: true;
  /** Whether it passes only because the changed files are not known; whoever can look them up decides it. */
  undecided?: true;
}

/** `push.branches: dev matches none of [main]`; reasons quote what strangers wrote. */
export function checkText({ filter, reason }: Check): string {
  return visibleLine(`${filter}: ${reason}`);
}

/** A filter's answer, or `undefined` when the trigger does not use this filter. */
type Filter = (trigger: Trigger, facts: Facts) => Check | undefined;

/** In the order in which a person reads them; all are asked, so that one look shows all that stands in the way. */
export const FILTERS: readonly Filter[] = [
  checkComment,
  checkDeletion,
  checkSkipMarker,
  checkTypes,
  checkBranches,
  checkTags,
  checkPaths,
  checkWorkflows,
];

/** Comments on issues and on pull requests are one event, and one of Actions' triggers is for the latter alone. */
function checkComment({ event }: Trigger, { isOnPullRequest }: Facts): Check | undefined {
  if (event !== "pull_request_comment") return;
  const reason = `the comment is on ${isOnPullRequest ? "a pull request" : "an issue"}`;
  return { filter: event, passed: isOnPullRequest, reason };
}

/** A push that deletes a branch or tag has no commit to work on, so a hook has to ask for it. */
function checkDeletion({ event, deleted }: Trigger, facts: Facts): Check | undefined {
  if (!facts.deleted) return;
  const reason = `this push deletes \`${shortRef(facts.ref)}\``;
  return { filter: `${event}.deleted`, passed: deleted === true, reason };
}

/** https://docs.github.com/actions/how-tos/manage-workflow-runs/skip-workflow-runs */
function checkSkipMarker({ event }: Trigger, { skipMarker }: Facts): Check | undefined {
  if (skipMarker === null) return;
  return { filter: `${event}.skip`, passed: false, reason: `the commit's message says \`${skipMarker}\`` };
}

function checkTypes({ event, types }: Trigger, { action }: Facts): Check | undefined {
  const wanted = types ?? defaultTypesOf(event);
  if (!wanted) return;
  const filter = `${event}.types`;
  const list = `${listOf(wanted)}${types ? "" : " (the default)"}`;
  if (action === null)
    return { filter, passed: false, reason: `it has no action, which must be one of ${list}` };
  const passed = wanted.includes(action);
  return { filter, passed, reason: `\`${action}\` is ${passed ? "one" : "none"} of ${list}` };
}

/** Whoever filters only branches wants no tags, and the other way round; where both are filtered, either may match. */
function checkBranches(trigger: Trigger, facts: Facts): Check | undefined {
  const filter = usedFilter(trigger, "branches");
  if (!filter || (isTag(facts) && usedFilter(trigger, "tags"))) return;
  const branch = branchOf(trigger.event, facts);
  return branch === null ? isNo("branch", trigger, filter, facts) : checkName(trigger, filter, branch);
}

function checkTags(trigger: Trigger, facts: Facts): Check | undefined {
  const filter = usedFilter(trigger, "tags");
  if (!filter || (!isTag(facts) && usedFilter(trigger, "branches"))) return;
  const tag = isTag(facts) ? shortRef(facts.ref) : null;
  return tag === null ? isNo("tag", trigger, filter, facts) : checkName(trigger, filter, tag);
}

function checkPaths(trigger: Trigger, facts: Facts): Check | undefined {
  const filter = usedFilter(trigger, "paths");
  if (!filter) return;
  const patterns = trigger[filter] ?? [];
  const check = (passed: boolean, reason: string) => ({
    filter: `${trigger.event}.${filter}`,
    passed,
    reason,
  });
  if (isTag(facts)) return check(true, "the paths of a tag are not looked at");
  const { changedFiles } = facts;
  if (!changedFiles.known) {
    const reason = `which files have changed is not known (${changedFiles.why}), so any of them may match`;
    return { ...check(true, reason), undecided: true };
  }
  const { files } = changedFiles;
  if (files.length === 0) return check(false, "no file has changed");
  const list = patterns.map(compiled);
  const isWanted = (file: string) => includes(list, file) !== isIgnoring(filter);
  const wanted = files.find(isWanted);
  const matches = isIgnoring(filter) === (wanted !== undefined) ? "matches none of" : "matches";
  if (wanted !== undefined) return check(true, `\`${wanted}\` ${matches} ${listOf(patterns)}`);
  const all = files.length === 1 ? `\`${files[0]}\`` : `each of the ${files.length} changed files`;
  return check(false, `${all} ${matches} ${listOf(patterns)}`);
}

function checkWorkflows({ event, workflows }: Trigger, { workflow }: Facts): Check | undefined {
  if (!workflows) return;
  const filter = `${event}.workflows`;
  if (workflow === null) return { filter, passed: false, reason: "it does not say of which workflow it is" };
  const passed = workflows.includes(workflow);
  return { filter, passed, reason: `\`${workflow}\` is ${passed ? "one" : "none"} of ${listOf(workflows)}` };
}

type Kind = "branches" | "tags" | "paths";
type ListFilter = Kind | `${Kind}-ignore`;

/** Which of the two filters for the same thing a trigger uses; a hook file cannot have both. */
function usedFilter(trigger: Trigger, kind: Kind): ListFilter | undefined {
  if (trigger[kind]) return kind;
  return trigger[`${kind}-ignore`] && `${kind}-ignore`;
}

function isIgnoring(filter: ListFilter): boolean {
  return filter.endsWith("-ignore");
}

function checkName(trigger: Trigger, filter: ListFilter, name: string): Check {
  const patterns = trigger[filter] ?? [];
  const matches = includes(patterns.map(compiled), name);
  return {
    filter: `${trigger.event}.${filter}`,
    passed: matches !== isIgnoring(filter),
    reason: `\`${name}\` ${matches ? "matches" : "matches none of"} ${listOf(patterns)}`,
  };
}

function isNo(what: string, { event }: Trigger, filter: ListFilter, { ref }: Facts): Check {
  const reason = `\`${ref ?? "this delivery"}\` is no ${what}`;
  return { filter: `${event}.${filter}`, passed: false, reason };
}

/** The branch that `branches` means: the base on pull requests, the head on workflow runs, else the ref itself. */
function branchOf(event: string, facts: Facts): string | null {
  if (event === "workflow_run") return facts.headRef;
  if (facts.baseRef !== null) return facts.baseRef;
  return facts.ref?.startsWith("refs/heads/") ? shortRef(facts.ref) : null;
}

function isTag({ ref }: Facts): boolean {
  return ref?.startsWith("refs/tags/") ?? false;
}

export function listOf(patterns: readonly string[]): string {
  return `[${patterns.join(", ")}]`;
}

/** Hooks are plain data, so their patterns are read where they are used, once each. */
const patterns = new Map<string, Pattern>();

export function compiled(text: string): Pattern {
  let pattern = patterns.get(text);
  if (!pattern) {
    pattern = parsePattern(text);
    patterns.set(text, pattern);
  }
  return pattern;
}
