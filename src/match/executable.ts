/**
 * Which executables a delivery is for, by their names, as python-github-webhooks has it: the names are built from the
 * delivery and compared with those that the reading of the hooks folder found. Nothing of a delivery ever becomes a
 * path, and no name is taken apart: of `push-my-repo-main` nobody can say where the repository's name ends.
 */
import type { Check } from "./filters.ts";
import type { Hook } from "./hook.ts";
import type { Facts } from "./payload.ts";

/** The executable that every delivery is for. */
export const FOR_ALL = "all";

/**
 * The names that executables for this delivery have, the most particular first, which is also the order in which they
 * run: event, repository and branch; event and repository; event; `all`.
 */
export function executableNames(event: string, { repositoryName, namedBranch }: Facts): string[] {
  const names = [event, FOR_ALL];
  if (repositoryName !== null) {
    names.unshift(`${event}-${repositoryName}`);
    if (namedBranch !== null) names.unshift(`${event}-${repositoryName}-${namedBranch}`);
  }
  // An event may itself be called `all`, and no hook runs twice.
  return [...new Set(names)];
}

/** The checks of one executable. */
export function checkExecutable(name: string, event: string, facts: Facts): Check[] {
  const checks = [checkName(name, event, facts)];
  if (facts.deleted)
    checks.push({
      filter: "push.deleted",
      passed: false,
      reason: `this push deletes \`${facts.namedBranch ?? facts.ref}\``,
    });
  return checks;
}

function checkName(name: string, event: string, facts: Facts): Check {
  // A ping only says that a webhook was made; python-github-webhooks answered it before it looked for a script.
  if (name === FOR_ALL && event === "ping")
    return { filter: "on", passed: false, reason: "`all` is for every event but `ping`" };
  const names = executableNames(event, facts);
  const list = `[${names.join(", ")}]`;
  if (names.includes(name))
    return { filter: "on", passed: true, reason: `\`${name}\` is among the names ${list}` };
  const isAlmost = names.some((other) => other.toLowerCase() === name.toLowerCase());
  const hint = isAlmost ? "; capital letters count" : "";
  return { filter: "on", passed: false, reason: `\`${name}\` is not among the names ${list}${hint}` };
}

/**
 * The names of hooks that match, in the order in which their runs are stored: executables from the most particular to
 * the most general one, behind all others.
 */
export function inOrderOfRuns(matching: readonly string[], event: string, facts: Facts): string[] {
  if (matching.length < 2) return [...matching];
  const names = executableNames(event, facts);
  return [
    ...matching.filter((name) => !names.includes(name)),
    ...names.filter((name) => matching.includes(name)),
  ];
}

/** Whether a hook's runs for one delivery are performed one after the other with those of others like it. */
export function isInOrder({ work }: Pick<Hook, "work">): boolean {
  return work.kind === "executable";
}
