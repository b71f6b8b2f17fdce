/**
 * A hook file in YAML, in the words of GitHub Actions, becomes a {@link Hook}.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
 */
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { z } from "zod";
import { didYouMean } from "../lib/suggest.ts";
import type { Hook, Work } from "../match/hook.ts";
import { checkRepositoryPattern } from "../match/pattern-kinds.ts";
import { CONCURRENCY } from "./concurrency-schema.ts";
import { FORWARD, toForward } from "./forward-schema.ts";
import type { HookContext } from "./hook-context.ts";
import { inspectExpressions } from "./hook-expressions.ts";
import type { HookReader } from "./hook-folder.ts";
import { toCondition, toQueueing } from "./hook-parts.ts";
import { INHERIT_ENV, remarksOnInherited } from "./inherit-env.ts";
import { RETRY } from "./retry-schema.ts";
import { patterns, text } from "./schema-parts.ts";
import { remarksOnTriggers } from "./trigger-remarks.ts";
import { ON, toTriggers } from "./trigger-schema.ts";
import { USER } from "./user-schema.ts";
import { ONE_WORK, remarksOnWork } from "./work-remarks.ts";
import { about, type Checked, checkYaml, keys, type Remark } from "./yaml-file.ts";

export const NOT_YET = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, `\`${name}\` is not in this version`]));

const NO_JOBS = "a hook has no jobs or steps: put the script into `run`, beside `on`";

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: (issue) => `"${issue.input}" is no name for an environment variable`,
  })
  .refine(
    // The one that everybody's tools look for, and that only the hook can know.
    (name) => name === "GITHUB_TOKEN" || !/^(GITHUB|LONGSHORE)_/i.test(name),
    "names that begin with GITHUB_ or LONGSHORE_ are Longshore's",
  )
  .meta({ not: { pattern: "^(GITHUB_(?!TOKEN$)|LONGSHORE_)" } });

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

export const HOOK = keys(
  {
    on: ON.meta(
      about(
        "The events: a name (`on: push`), a list of names, or a map from names to [filters](#filters). Any event that GitHub sends can be named; see [Events](#events)",
      ),
    ),
    if: z
      .union([z.string(), z.boolean()])
      .optional()
      .meta(
        about(
          "An [expression](#expressions), with or without `${{ }}` around it, that has to be true as well",
          "none",
        ),
      ),
    source: text
      .optional()
      .meta(
        about(
          "The source whose deliveries it is for. Required when there are several: whoever has one source's secret can sign any repository's name",
          "the only one",
        ),
      ),
    repositories: patterns(checkRepositoryPattern)
      .optional()
      .meta(
        about(
          "[Patterns](#patterns) of `owner/name`, such as `acme/*`. Upper and lower case are the same, as they are to GitHub",
          "all of the source's",
        ),
      ),
    forks: z
      .literal("run", "`run` is all that `forks` can say")
      .optional()
      .meta(about("`run`: also for what comes [from forks](#from-forks)", "not for them")),
    concurrency: CONCURRENCY.optional().meta(
      about(
        "The [group](#concurrency) of its runs, of which one at most is performed at a time: its name, or a map",
        "none: its runs can overlap",
      ),
    ),
    stale: z
      .literal("run", "`run` is all that `stale` can say")
      .optional()
      .meta(
        about(
          "`run`: also for a push that is [older](#old-never-overtakes-new) than one that the hook ran to success for",
          "not for them",
        ),
      ),
    run: text
      .optional()
      .meta(
        about(
          "The script. `${{ }}` in it is refused: see [Values](#values-never-become-code)",
          "required, or `forward`",
        ),
      ),
    forward: FORWARD.optional().meta(
      about(
        "In place of `run`: the URL of a service that the delivery is [sent on](#forward) to, or a map",
        "required, or `run`",
      ),
    ),
    shell: text
      .optional()
      .meta(
        about("What reads the script: see [Shells](#shells)", "`bash -e`, or `sh -e` where there is no bash"),
      ),
    "working-directory": text
      .optional()
      .meta(
        about(
          "Where the script starts. A relative path is relative to the hook file's folder. When it is not there, the run fails and says so",
          "an empty folder of the run's own",
        ),
      ),
    env: z
      .record(variableName, scalar)
      .default({})
      .meta(
        about(
          "More variables for the script. Names that begin with `GITHUB_` or `LONGSHORE_` are taken, save for `GITHUB_TOKEN`. Values may have [expressions](#expressions) in `${{ }}`",
          "none",
        ),
      ),
    "inherit-env": INHERIT_ENV.meta(
      about(
        "Names of variables that are handed on from the server's environment, one or a list, beside those of the setting [`runs.inherit-env`](settings.md#keys). One that the server does not have is left out. Refused: names that begin with `LONGSHORE_` or `PG`, and those that hold the secret of a source",
        "none",
      ),
    ),
    retry: RETRY.optional().meta(
      about(
        "Whether and when a failed attempt is followed by [another](#retries)",
        "none: a failure is the end",
      ),
    ),
    interrupted: z
      .enum(["retry", "fail"])
      .default("retry")
      .meta(
        about(
          "What becomes of an attempt whose server was killed. `retry`: it is made again, up to three times. `fail`: the run fails",
        ),
      ),
    "on-failure": text
      .optional()
      .meta(
        about(
          "A script that runs [once after the last attempt](#on-failure) failed, timed out or was cancelled, for at most 5 minutes",
          "none",
        ),
      ),
    user: USER.optional().meta(
      about(
        "The [account](../guides/running-as-another-account.md) that its runs are performed under: a name or a number",
        "the setting [`runs.user`](settings.md#keys), or else the server's own",
      ),
    ),
    "timeout-minutes": z
      .int("expected a whole number of minutes")
      .min(1, "at least 1 minute")
      .max(10_080, "at most 10080 minutes, a week")
      .optional()
      .meta(
        about(
          "1 to 10080. After it the script and everything it has started get TERM, and KILL ten seconds later. With [`forward`](#forward) also how long an answer is waited for",
          "`60`; an answer is waited for 30 seconds",
        ),
      ),
  },
  {
    ...NOT_YET(["report", "name"]),
    jobs: NO_JOBS,
    steps: NO_JOBS,
    uses: "actions from the marketplace cannot be used; put a script into `run`",
    "runs-on": "a hook runs on the machine that Longshore runs on",
  },
).meta(ONE_WORK);

const DEFAULT_TIMEOUT_MINUTES = 60;

const ENDINGS = [".yml", ".yaml"];

/** Hook files in YAML: the name is the path without its ending. */
export const yamlHooks: HookReader = {
  takes: (path) => ENDINGS.includes(extname(path)),
  nameOf: (path) => path.slice(0, -extname(path).length),
  read: (name, file, context) => checkHookFile(name, file, readFileSync(file, "utf8"), context),
};

/**
 * Checks one hook file.
 *
 * @param name the hook's name.
 * @param file the file's path; a relative `working-directory` is relative to its folder.
 * @param context what it may refer to.
 */
export function checkHookFile(
  name: string,
  file: string,
  content: string,
  context: HookContext,
): Checked<Hook> {
  const { value, problems } = checkYaml(HOOK, content, file, (written) => [
    ...remarksOnWork(written),
    ...remarksOn(written, context),
  ]);
  if (!value) return { problems };
  return {
    problems,
    value: {
      name,
      file,
      on: toTriggers(value.on),
      source: value.source,
      repositories: value.repositories,
      forks: value.forks,
      ...(value.user === undefined ? {} : { user: value.user }),
      ...toCondition(value, context),
      ...toQueueing(value),
      work: toWork(value, file),
    },
  };
}

function toWork(value: z.output<typeof HOOK>, file: string): Work {
  const workingDirectory = value["working-directory"];
  const ofScripts = {
    shell: value.shell,
    workingDirectory: workingDirectory && resolve(dirname(file), workingDirectory),
    env: value.env,
    inheritEnv: value["inherit-env"],
    timeoutMs: toTimeoutMs(value["timeout-minutes"]),
  };
  if (value.forward === undefined) return { kind: "script", script: value.run ?? "", ...ofScripts };
  const minutes = value["timeout-minutes"];
  return { ...toForward(value.forward, minutes === undefined ? undefined : minutes * 60_000), ...ofScripts };
}

export function toTimeoutMs(minutes: number = DEFAULT_TIMEOUT_MINUTES): number {
  return minutes * 60_000;
}

/** What is to be said of a hook beside the form of its keys, however it is written down. */
export function remarksOn(written: unknown, context: HookContext): Remark[] {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return [];
  const hook: { on?: unknown; source?: unknown; "inherit-env"?: unknown } = written;
  return [
    ...remarksOnTriggers(hook.on),
    ...remarksOnSource(hook.source, context),
    ...remarksOnInherited(hook["inherit-env"], context.secrets.refusal),
    ...inspectExpressions(written, [...Object.keys(HOOK.shape), "onFailure"], context),
  ];
}

/** Whoever has one source's secret can sign any repository's name, so the repository does not say the source. */
function remarksOnSource(source: unknown, { sources }: HookContext): Remark[] {
  const error = (path: string[], message: string): Remark[] => [{ path, severity: "error", message }];
  if (source === undefined && sources.length > 1)
    return error([], `\`source\` is missing: it says for which of [${sources.join(", ")}] the hook is`);
  if (typeof source !== "string" || source === "" || sources.includes(source)) return [];
  return error(["source"], `there is no source "${source}".${didYouMean(source, sources)}`);
}
