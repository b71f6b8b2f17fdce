/** What a hook file does with a delivery: `run` or `forward`, one of the two, and the keys that go with it. */
import type { Remark } from "./yaml-file.ts";

/** Keys that are about a script. */
const OF_SCRIPTS = ["shell", "working-directory", "env", "inherit-env", "user"];

/** The same rules, as editors are told them. */
export const ONE_WORK = {
  allOf: [
    { oneOf: [{ required: ["run"] }, { required: ["forward"] }] },
    {
      if: { required: ["forward"] },
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's word.
      then: {
        properties: { retry: { description: "`forward` has no exit codes", not: { required: ["on"] } } },
      },
    },
    {
      if: { required: ["forward"], not: { required: ["on-failure"] } },
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's word.
      then: { not: { anyOf: OF_SCRIPTS.map((key) => ({ required: [key] })) } },
    },
  ],
};

/** @param written the hook file, of whatever form. */
export function remarksOnWork(written: unknown): Remark[] {
  if (typeof written !== "object" || Array.isArray(written)) return [];
  const hook: Record<string, unknown> = { ...written };
  const has = (key: string) => Object.hasOwn(hook, key);
  if (!has("run") && !has("forward")) return [error([], "`run` or `forward` is missing")];
  if (!has("forward")) return [];
  if (has("run"))
    return [
      error(["forward"], "`run` and `forward` are two kinds of work: put one of them into a hook of its own"),
    ];
  return [
    ...(has("on-failure") ? [] : OF_SCRIPTS.filter(has).map((key) => error([key], notOfForward(key)))),
    ...remarksOnRetry(hook.retry),
  ];
}

function notOfForward(key: string): string {
  const remedy = key === "env" ? ". What is to be sent besides goes into `forward.headers`" : "";
  return `\`${key}\` is for a script, and \`forward\` starts none${remedy}`;
}

function remarksOnRetry(retry: unknown): Remark[] {
  if (typeof retry !== "object" || retry === null || !Object.hasOwn(retry, "on")) return [];
  return [
    error(
      ["retry", "on"],
      "`on` names exit codes, and `forward` has none: what is worth another attempt is settled",
    ),
  ];
}

/** At a key, or at the file as a whole. */
function error(path: string[], message: string): Remark {
  return { path, atKey: path.length > 0, severity: "error", message };
}
