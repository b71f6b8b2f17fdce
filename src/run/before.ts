/** How a run ends of which no attempt is made: it came too late, or somebody has decided already. */
import type { Hook } from "../match/hook.ts";
import type { ClaimedRun, Outcome } from "../store/run-queue.ts";
import { failed, skipped } from "./outcome.ts";

/** `undefined` when its work is to be performed. */
export function outcomeBefore(run: ClaimedRun, hook: Hook): Outcome | undefined {
  if (run.ending) return run.ending;
  if (run.interruptions > 0 && hook.interrupted === "fail")
    return failed("interrupted: its worker was gone, and the hook says `interrupted: fail`");
  if (run.newerRun !== null && skipsOld(hook)) return skipped(`older than run ${run.newerRun}`);
}

/**
 * An executable runs for every delivery, as it did under python-github-webhooks, and another service and the functions of
 * an app are told of every one, as GitHub would tell them: what is old by now is for them to say.
 */
function skipsOld({ stale, work }: Hook): boolean {
  return stale !== "run" && (work.kind === "script" || work.kind === "handler");
}
