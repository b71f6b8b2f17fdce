/**
 * What a handler file says of itself, as its process reports it, becomes a {@link Hook}: the same rules as for a hook
 * file in YAML, in the spelling of TypeScript.
 */
import { z } from "zod";
import type { HandlerCode, Hook } from "../match/hook.ts";
import type { HookContext } from "./hook-context.ts";
import { HOOK, NOT_YET, remarksOn, toTimeoutMs } from "./hook-file.ts";
import { toCondition, toQueueing } from "./hook-parts.ts";
import { remarksOnInherited } from "./inherit-env.ts";
import { toTriggers } from "./trigger-schema.ts";
import { type Checked, checkValue, keys } from "./yaml-file.ts";

/** A definition on its way between processes, which functions cannot go. */
export interface ReportedDefinition {
  data: Readonly<Record<string, unknown>>;
  /** The keys whose values are functions. */
  functions: readonly string[];
}

const FUNCTION: unique symbol = Symbol("a function");
const isFunction = (value: unknown) => value === FUNCTION;

const inTypeScript = (name: string) => `in TypeScript this is \`${name}\``;

const DEFINITION = keys(
  {
    on: HOOK.shape.on,
    source: HOOK.shape.source,
    repositories: HOOK.shape.repositories,
    forks: HOOK.shape.forks,
    if: z
      .custom<string | boolean | typeof FUNCTION>(
        (value) => isFunction(value) || typeof value === "string" || typeof value === "boolean",
        "must be a function, or a text with an expression",
      )
      .optional(),
    concurrency: HOOK.shape.concurrency,
    stale: HOOK.shape.stale,
    retry: HOOK.shape.retry,
    interrupted: HOOK.shape.interrupted,
    onFailure: HOOK.shape["on-failure"],
    user: HOOK.shape.user,
    env: HOOK.shape.env,
    inheritEnv: HOOK.shape["inherit-env"],
    timeoutMinutes: HOOK.shape["timeout-minutes"],
    run: z.custom(isFunction, "must be a function"),
  },
  {
    ...NOT_YET(["report", "name"]),
    "timeout-minutes": inTypeScript("timeoutMinutes"),
    "inherit-env": inTypeScript("inheritEnv"),
    "on-failure": inTypeScript("onFailure"),
    forward: "`forward` stands in a hook file in YAML; a handler sends what it likes with `fetch`",
  },
);

/**
 * Checks what a handler file says of itself.
 *
 * @param name the hook's name.
 * @param file the file's path, for messages; where in it a mistake is cannot be known.
 */
export function checkHandlerDefinition(
  name: string,
  file: string,
  { data, functions }: ReportedDefinition,
  code: HandlerCode,
  context: HookContext,
): Checked<Hook> {
  const whole = { ...data, ...Object.fromEntries(functions.map((key) => [key, FUNCTION])) };
  const { value, problems } = checkValue(DEFINITION, whole, file, (written) => [
    ...remarksOn(written, context),
    ...remarksOnInherited(data.inheritEnv, context.secrets.refusal, ["inheritEnv"]),
  ]);
  if (!value) return { problems };
  const { on, source, repositories, forks, user, if: condition, env, inheritEnv, timeoutMinutes } = value;
  return {
    problems,
    value: {
      name,
      file,
      on: toTriggers(on),
      source,
      repositories,
      forks,
      ...(user === undefined ? {} : { user }),
      // A function is asked by the handler's process.
      ...toCondition({ ...value, if: condition === FUNCTION ? undefined : condition }, context),
      ...toQueueing({ ...value, "on-failure": value.onFailure }),
      work: { kind: "handler", code, env, inheritEnv, timeoutMs: toTimeoutMs(timeoutMinutes) },
    },
  };
}
