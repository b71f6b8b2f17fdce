/** A hook's filters, asked by somebody's own code: {@link matchHook}. */
import type { Check } from "../match/filters.ts";
import type { HookDefinition } from "../run/handlers/define-hook.ts";

/** What says which deliveries a hook is for: what {@link defineHook} returns, or an object with the same keys. */
export interface HookFilters extends Pick<HookDefinition, "on" | "repositories" | "forks" | "source"> {
  if?: string | ((event: never) => unknown);
}

export interface MatchedDelivery {
  event: string;
  payload: Readonly<Record<string, unknown>>;
  /** The source that it came by, for a hook that names one. `github` unless said. */
  source?: string;
  /** What expressions find in `vars`. */
  vars?: Readonly<Record<string, string>>;
}

export interface HookMatch {
  matches: boolean;
  /** Every filter that was asked, with its reason. */
  checks: readonly Check[];
  /** What may be a mistake in the hook. */
  warnings: readonly string[];
}

/**
 * Whether a hook is for a delivery, filter by filter, as the server judges it. An `if` that is a function is for the
 * run, and is not asked here.
 *
 * @param hook the text of a hook file, or what a handler file exports.
 * @throws {UserError} when the hook has mistakes, naming all of them.
 */
export async function matchHook(hook: string | HookFilters, delivery: MatchedDelivery): Promise<HookMatch> {
  // Loaded here: YAML, schemas and GitHub's evaluator are for those who ask.
  const { judgeOne } = await import("./judge-one.ts");
  return judgeOne(hook, delivery);
}
