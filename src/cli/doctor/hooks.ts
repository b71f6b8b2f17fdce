/** Whether the hook files are right, and whether what comes in is for them. */
import { statSync } from "node:fs";
import { formatProblem, type Problem } from "../../config/problem.ts";
import { webhookOf } from "../../match/events.ts";
import { EVERY_EVENT, type Hook } from "../../match/hook.ts";
import { accountProblems } from "../../run/account-problems.ts";
import { isByHand } from "../../store/by-hand.ts";
import { type Delivery, listDeliveries } from "../../store/deliveries.ts";
import { listRuns } from "../../store/runs.ts";
import { bad, type Check, type Finding, good, orGood, unknown, warning } from "./check.ts";

/** The newest deliveries that are looked at. */
const LOOK_AT = 1_000;
/** So many have to come before silence means something. */
const MANY = 10;

export const hookFiles: Check = {
  name: "hooks",
  async examine({ hooks: folder, settings, problems }) {
    const { hooks } = folder;
    const accounts = { hooks, runsUser: settings.runsUser, settingsFile: settings.file };
    const all = [...problems, ...folder.problems, ...(await accountProblems(accounts, false))];
    if (all.length > 0) return all.map(toFinding);
    if (hooks.length === 0)
      return [warning(`there are no hooks in ${folder.path}`, "longshore init writes a first one")];
    return [good(`${hooks.length} without mistakes`)];
  },
};

function toFinding(problem: Problem): Finding {
  // Its own words say what to do.
  const status = problem.severity === "error" ? bad : warning;
  return status(formatProblem(problem), "longshore check shows it again");
}

export const matches: Check = {
  name: "matches",
  async examine({ store, hooks }) {
    if (!store) return [unknown("could not be checked without a database")];
    const deliveries = (await listDeliveries(store.db, {}, { limit: LOOK_AT })).filter(
      (delivery) => !isByHand(delivery),
    );
    if (deliveries.length === 0)
      return [
        warning(
          "nothing has come from GitHub yet",
          "Add a webhook on GitHub as `longshore serve` says; GitHub's page shows under Recent Deliveries what it was answered",
        ),
      ];
    const findings: Finding[] = [];
    for (const hook of hooks.hooks) {
      if (hook.disabled || (await listRuns(store.db, { hook: hook.name }, { limit: 1 })).length > 0) continue;
      findings.push(...whyNever(hook, deliveries));
    }
    return orGood(findings, "every hook that something came for has matched");
  },
};

/** A hook without a run. Only what came since its file was changed could have been for it. */
function whyNever(hook: Hook, deliveries: readonly Delivery[]): Finding[] {
  const { mtimeMs } = statSync(hook.file);
  const since = deliveries.filter(({ receivedAt }) => receivedAt > mtimeMs);
  const events = hook.on.map(({ event }) => webhookOf(event) ?? event);
  const [last, ...others] = since.filter(
    ({ event }) => events.includes(event) || events.includes(EVERY_EVENT),
  );
  if (last)
    return [
      warning(
        `${hook.name} has never matched, although ${others.length + 1} deliveries of its events came since it was changed`,
        `longshore explain --delivery ${last.id} says why it did not match the last of them`,
      ),
    ];
  if (since.length < MANY) return [];
  return [
    warning(
      `${hook.name} has never matched: of the ${since.length} deliveries since it was changed none is a ${events.join(" or ")}`,
      "Select the event in the form of GitHub's webhook, if it is to be sent",
    ),
  ];
}
