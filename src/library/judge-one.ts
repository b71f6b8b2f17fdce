/** The part of `matchHook` that needs the reader of hook files and all that matches. */
import { checkHookFile } from "../config/hook-file.ts";
import { hookSecrets } from "../config/hook-secrets.ts";
import { hasErrors, UserError } from "../config/problem.ts";
import { judge } from "../match/match.ts";
import { readFacts } from "../match/payload.ts";
import type { HookFilters, HookMatch, MatchedDelivery } from "./match-hook.ts";

const NAME = "hook";

export function judgeOne(
  hook: string | HookFilters,
  { event, payload, source = "github", vars = {} }: MatchedDelivery,
): HookMatch {
  const text = typeof hook === "string" ? hook : textOf(hook);
  const context = { sources: [source], vars, secrets: hookSecrets({ get: () => undefined }, []) };
  const { value, problems } = checkHookFile(NAME, "matchHook", text, context);
  if (!value || hasErrors(problems)) throw new UserError("The hook cannot be judged:", problems);
  const [verdict] = judge({ source, event, payload }, readFacts(event, payload), [value]);
  return {
    matches: verdict?.matches === true,
    checks: verdict?.checks ?? [],
    warnings: problems.map(({ message }) => message),
  };
}

/** As a hook file, which has to have some work. */
function textOf({ on, if: condition, repositories, forks, source }: HookFilters): string {
  const written = typeof condition === "string" ? condition : undefined;
  return JSON.stringify({ on, if: written, repositories, forks, source, run: "true" });
}
