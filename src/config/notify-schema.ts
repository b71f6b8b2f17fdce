/** The form of `notify` in the settings: who is told, once, when a hook begins to fail, and when it succeeds again. */
import { z } from "zod";
import type { Hook } from "../match/hook.ts";
import type { Change } from "../match/notification.ts";
import { parsePattern } from "../match/pattern.ts";
import { expressionsIn } from "../match/template.ts";
import { FORWARD, textsOfForward, toForward } from "./forward-schema.ts";
import type { HookContext } from "./hook-context.ts";
import { inspectExpressions, namedVars } from "./hook-expressions.ts";
import { HOOK } from "./hook-file.ts";
import { FORWARD_RETRY } from "./retry-schema.ts";
import { list, patterns, text } from "./schema-parts.ts";
import { about, keys, type Remark } from "./yaml-file.ts";

/** Who is told of which changes. */
export interface Notification {
  changes: readonly Change[];
  /** Patterns of the names of hooks; absent: all. */
  hooks?: readonly string[];
  /** What is performed. Files cannot have a name like its. */
  hook: Hook;
}

const TIMEOUT_MS = 5 * 60_000;

export const NOTIFY = z.array(
  keys({
    on: list(z.enum(["failed", "recovered"]))
      .default(["failed", "recovered"])
      .meta(
        about(
          "`failed`: a run has failed, and the one before had not. `recovered`: one has succeeded, and the one before had failed. Each for one hook, repository and ref",
          "both",
        ),
      ),
    hooks: patterns(parsePattern)
      .optional()
      .meta(about("[Patterns](hooks.md#patterns) of the names of hooks, such as `deploy-*`", "all")),
    run: text
      .optional()
      .meta(
        about(
          "A script that tells somebody. `LONGSHORE_STATUS` and `LONGSHORE_EXIT_CODE` are those of the run, and the file `GITHUB_EVENT_PATH` has [all about it](../guides/notifications.md#what-it-is-told)",
          "none",
        ),
      ),
    env: HOOK.shape.env.meta(
      about(
        "More variables for the script. Values may have [expressions](hooks.md#expressions) in `${{ }}`",
        "none",
      ),
    ),
    forward: FORWARD.optional().meta(
      about(
        "Or where a message is sent to, by POST: a URL, or a map as in [hooks](hooks.md#forward)",
        "none",
      ),
    ),
  })
    .superRefine(({ run, forward }, context) => {
      if ((run === undefined) === (forward === undefined))
        context.addIssue({ code: "custom", message: "write either `run` or `forward`" });
    })
    // The same for editors.
    .meta({ oneOf: [{ required: ["run"] }, { required: ["forward"] }] }),
);

type Written = z.output<typeof NOTIFY>[number];

/** @param file the settings file, for messages. */
export function toNotification(
  written: Written,
  index: number,
  file: string,
  context: Pick<HookContext, "vars">,
): Notification {
  const { on, hooks, run, forward, env } = written;
  const texts = [...Object.values(env), ...textsOfForward(forward)].flatMap(expressionsIn);
  const timeoutMs = TIMEOUT_MS;
  return {
    changes: on,
    ...(hooks === undefined ? {} : { hooks }),
    hook: {
      // A file whose name begins with `_` is no hook.
      name: `_notify-${index + 1}`,
      file,
      on: [],
      stale: "run",
      retry: FORWARD_RETRY,
      vars: namedVars(texts, context.vars),
      work:
        forward === undefined
          ? { kind: "script", script: run ?? "", env, timeoutMs }
          : { ...toForward(forward), env, timeoutMs },
    },
  };
}

/** Every mistake in the expressions of a notification. */
export function remarksOnNotification(written: Written, context: HookContext): Remark[] {
  return inspectExpressions(written, Object.keys(written), context);
}
