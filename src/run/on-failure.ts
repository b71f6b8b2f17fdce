/** What a hook does once its run has failed or was cancelled for good: a place for a rollback. */
import type { Hook } from "../match/hook.ts";
import type { Outcome } from "../store/run-queue.ts";

const TIMEOUT_MS = 5 * 60_000;

/** The hook with its `on-failure` in the place of its work; `undefined` where there is nothing to do. */
export function hookOnFailure(hook: Hook, { status }: Outcome): Hook | undefined {
  const { onFailure, work } = hook;
  if (onFailure === undefined || !["failed", "cancelled"].includes(status)) return undefined;
  const { env, inheritEnv } = "env" in work ? work : { env: {} };
  const { shell, workingDirectory } = work.kind === "script" || work.kind === "forward" ? work : {};
  return {
    ...hook,
    work: {
      kind: "script",
      script: onFailure,
      shell,
      workingDirectory,
      env,
      inheritEnv,
      timeoutMs: TIMEOUT_MS,
    },
  };
}

/** Its run ends as it would have without it; that it failed as well is worth a word. */
export function withFailureOf(outcome: Outcome, after: Outcome): Outcome {
  if (after.status === "succeeded") return outcome;
  const how = after.reason ?? `exit code ${after.exitCode}`;
  const what = `on-failure ${after.status}: ${how}`;
  return { ...outcome, reason: outcome.reason === null ? what : `${outcome.reason}; ${what}` };
}
