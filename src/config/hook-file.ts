/**
 * A hook file in YAML, in the words of GitHub Actions, becomes a {@link Hook}.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
 */
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { z } from "zod";
import type { Hook, Trigger } from "../match/hook.ts";
import { PatternError, parsePattern } from "../match/pattern.ts";
import type { HookReader } from "./hook-folder.ts";
import { about, type Checked, checkYaml, keys } from "./yaml-file.ts";

const NOT_YET = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, `\`${name}\` is not in this version`]));

const NO_JOBS = "a hook has no jobs or steps: put the script into `run`, beside `on`";

const text = z
  .string()
  .min(1, "cannot be empty")
  .refine((value) => !value.includes("${{"), {
    error:
      "`${{ }}` is not read here in this version; a script finds the event in its GITHUB_* variables and in the file $GITHUB_EVENT_PATH",
  });

/** Substituting into a script is how workflows get injected: a branch name would become code. */
const script = z
  .string()
  .min(1, "cannot be empty")
  .superRefine((value, context) => {
    const expression = /\$\{\{.*?(\}\}|$)/s.exec(value)?.[0];
    if (expression === undefined) return;
    context.addIssue({
      code: "custom",
      message: `\`run\` does not read \`${expression}\`: whoever names a branch could run code. Use the shell's own "$GITHUB_REF_NAME", "$GITHUB_SHA" and so on, or read the file "$GITHUB_EVENT_PATH"`,
    });
  });

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: (issue) => `"${issue.input}" is no name for an environment variable`,
  })
  .refine(
    (name) => !/^(GITHUB|LONGSHORE)_/i.test(name),
    "names that begin with GITHUB_ or LONGSHORE_ are Longshore's",
  );

const scalar = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .pipe(text.or(z.literal("")));

const pattern = text.superRefine((value, context) => {
  try {
    parsePattern(value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    context.addIssue({
      code: "custom",
      message: `${error.message} (character ${error.column + 1} of \`${value}\`)`,
    });
  }
});

const patterns = list(pattern).refine((all) => all.length === 0 || all.some((one) => !one.startsWith("!")), {
  error: "a list of only `!` patterns includes nothing; put what to include before them",
});

const eventName = text.regex(/^[a-z0-9_]+$/, {
  error: (issue) => `"${issue.input}" is no event name; GitHub writes them like \`pull_request\``,
});

const FILTERS = keys(
  {
    types: list(text)
      .optional()
      .meta(
        about(
          "The actions of the event, such as `types: [published]`",
          "all; `pull_request`: `opened`, `synchronize`, `reopened`",
        ),
      ),
    branches: patterns
      .optional()
      .meta(
        about(
          "[Patterns](#patterns) of branches. What is compared: on pull requests the base branch, on `workflow_run` the head branch, on `merge_group` the base, else the ref of the delivery. A tag is no branch",
          "all",
        ),
      ),
  },
  NOT_YET(["branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "workflows"]),
);

export const HOOK = keys(
  {
    on: z
      .union([
        eventName,
        z.array(eventName).min(1, "names no event"),
        z
          .record(eventName, FILTERS.nullable())
          .refine((events) => Object.keys(events).length > 0, "names no event"),
      ])
      .meta(
        about(
          "The events: a name (`on: push`), a list of names, or a map from names to filters. Any event that GitHub sends can be named",
          "required",
        ),
      ),
    run: script.meta(
      about("The script. `${{ }}` in it is refused: see [Values](#values-never-become-code)", "required"),
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
          "More variables for the script. Names that begin with `GITHUB_` or `LONGSHORE_` are taken",
          "none",
        ),
      ),
    "timeout-minutes": z
      .int("expected a whole number of minutes")
      .min(1, "at least 1 minute")
      .max(10_080, "at most 10080 minutes, a week")
      .default(60)
      .meta(
        about(
          "1 to 10080. After it the script and everything it has started get TERM, and KILL ten seconds later",
        ),
      ),
  },
  {
    ...NOT_YET([
      "repositories",
      "source",
      "if",
      "concurrency",
      "retry",
      "forward",
      "report",
      "forks",
      "user",
      "inherit-env",
      "on-failure",
      "stale",
      "interrupted",
      "name",
    ]),
    jobs: NO_JOBS,
    steps: NO_JOBS,
    uses: "actions from the marketplace cannot be used; put a script into `run`",
    "runs-on": "a hook runs on the machine that Longshore runs on",
  },
);

const ENDINGS = [".yml", ".yaml"];

/** Hook files in YAML: the name is the path without its ending. */
export const yamlHooks: HookReader = {
  takes: (path) => ENDINGS.includes(extname(path)),
  nameOf: (path) => path.slice(0, -extname(path).length),
  read: (name, file) => checkHookFile(name, file, readFileSync(file, "utf8")),
};

/**
 * Checks one hook file.
 *
 * @param name the hook's name.
 * @param file the file's path; a relative `working-directory` is relative to its folder.
 */
export function checkHookFile(name: string, file: string, content: string): Checked<Hook> {
  const { value, problems } = checkYaml(HOOK, content, file);
  if (!value) return { problems };
  const workingDirectory = value["working-directory"];
  return {
    problems,
    value: {
      name,
      file,
      on: toTriggers(value.on),
      work: {
        kind: "script",
        script: value.run,
        shell: value.shell,
        workingDirectory: workingDirectory && resolve(dirname(file), workingDirectory),
        env: value.env,
        timeoutMs: value["timeout-minutes"] * 60_000,
      },
    },
  };
}

function toTriggers(on: z.output<typeof HOOK>["on"]): Trigger[] {
  if (typeof on === "string") return [{ event: on }];
  if (Array.isArray(on)) return on.map((event) => ({ event }));
  return Object.entries(on).map(([event, filters]) => ({ event, ...filters }));
}

/** One value or a list of them, as everywhere in Actions. */
function list<T extends z.ZodType<string, string>>(item: T) {
  return z.union([item.transform((value) => [value]), z.array(item).min(1, "cannot be empty")]);
}
