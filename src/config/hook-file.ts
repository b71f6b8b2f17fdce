/**
 * A hook file in YAML, in the words of GitHub Actions, becomes a {@link Hook}.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
 */
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { z } from "zod";
import type { Hook, Trigger } from "../match/hook.ts";
import { PatternError, parsePattern } from "../match/pattern.ts";
import { expressionsIn, readCondition } from "../match/template.ts";
import { type HookContext, NO_CONTEXT } from "./hook-context.ts";
import { inspectExpressions, namedVars } from "./hook-expressions.ts";
import type { HookReader } from "./hook-folder.ts";
import { type Checked, checkYaml, keys } from "./yaml-file.ts";

const NOT_YET = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, `\`${name}\` is not in this version`]));

const NO_JOBS = "a hook has no jobs or steps: put the script into `run`, beside `on`";

const text = z.string().min(1, "cannot be empty");

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: (issue) => `"${issue.input}" is no name for an environment variable`,
  })
  .refine(
    (name) => !/^(GITHUB|LONGSHORE)_/i.test(name),
    "names that begin with GITHUB_ or LONGSHORE_ are Longshore's",
  );

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

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
  { types: list(text).optional(), branches: patterns.optional() },
  NOT_YET(["branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "workflows"]),
);

export const HOOK = keys(
  {
    on: z.union([
      eventName,
      z.array(eventName).min(1, "names no event"),
      z
        .record(eventName, FILTERS.nullable())
        .refine((events) => Object.keys(events).length > 0, "names no event"),
    ]),
    if: z.union([z.string(), z.boolean()]).optional(),
    run: text,
    shell: text.optional(),
    "working-directory": text.optional(),
    env: z.record(variableName, scalar).default({}),
    "timeout-minutes": z
      .int("expected a whole number of minutes")
      .min(1, "at least 1 minute")
      .max(10_080, "at most 10080 minutes, a week")
      .default(60),
  },
  {
    ...NOT_YET([
      "repositories",
      "source",
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
  context: HookContext = NO_CONTEXT,
): Checked<Hook> {
  const inspect = (written: unknown) => inspectExpressions(written, Object.keys(HOOK.shape), context);
  const { value, problems } = checkYaml(HOOK, content, file, inspect);
  if (!value) return { problems };
  const workingDirectory = value["working-directory"];
  return {
    problems,
    value: {
      name,
      file,
      on: toTriggers(value.on),
      ...toCondition(value, context),
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

/** The condition, without `${{ }}`, and the variables that it and `env` name. */
function toCondition(value: z.output<typeof HOOK>, { vars }: HookContext): Pick<Hook, "if" | "vars"> {
  const condition = value.if === undefined ? undefined : readCondition(String(value.if)).expression.trim();
  const embedded = Object.values(value.env).flatMap(expressionsIn);
  const named = namedVars(condition === undefined ? embedded : [condition, ...embedded], vars);
  return {
    ...(condition === undefined ? {} : { if: condition }),
    ...(Object.keys(named).length === 0 ? {} : { vars: named }),
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
