/** Parts of a {@link Hook} that are written the same way in a hook file and in a handler. */
import type { z } from "zod";
import type { Hook } from "../match/hook.ts";
import { expressionsIn, readCondition } from "../match/template.ts";
import { textsOf, toConcurrency } from "./concurrency-schema.ts";
import { textsOfForward } from "./forward-schema.ts";
import type { HookContext } from "./hook-context.ts";
import { namedVars } from "./hook-expressions.ts";
import type { HOOK } from "./hook-file.ts";
import { FORWARD_RETRY, toRetry } from "./retry-schema.ts";

type Written = z.output<typeof HOOK>;

/** The condition, without `${{ }}`, and the variables that it, `concurrency`, `env` and `forward` name. */
export function toCondition(
  written: Pick<Written, "if" | "env" | "concurrency" | "forward">,
  { vars }: HookContext,
): Pick<Hook, "if" | "vars"> {
  const condition =
    written.if === undefined ? undefined : readCondition(String(written.if)).expression.trim();
  const texts = [
    ...Object.values(written.env),
    ...textsOf(written.concurrency),
    ...textsOfForward(written.forward),
  ];
  const embedded = texts.flatMap(expressionsIn);
  const named = namedVars(condition === undefined ? embedded : [condition, ...embedded], vars);
  return {
    ...(condition === undefined ? {} : { if: condition }),
    ...(Object.keys(named).length === 0 ? {} : { vars: named }),
  };
}

/** What makes its runs wait for others, end without being performed, or be performed again. */
export function toQueueing({
  concurrency,
  stale,
  retry,
  interrupted,
  "on-failure": onFailure,
  forward,
}: Pick<Written, "concurrency" | "stale" | "retry" | "interrupted" | "on-failure" | "forward">): Pick<
  Hook,
  "concurrency" | "stale" | "retry" | "interrupted" | "onFailure"
> {
  return {
    ...(concurrency === undefined ? {} : { concurrency: toConcurrency(concurrency) }),
    ...(stale === undefined ? {} : { stale }),
    ...(retry === undefined
      ? {}
      : { retry: toRetry(retry, forward === undefined ? undefined : FORWARD_RETRY) }),
    ...(interrupted === "fail" ? { interrupted } : {}),
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}
