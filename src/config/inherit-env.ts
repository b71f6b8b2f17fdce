/** Which variables of the server's environment a run may be given: `inherit-env`, in the settings and in hook files. */
import { z } from "zod";
import { type HookSecrets, whyKept } from "./hook-secrets.ts";
import type { Remark } from "./yaml-file.ts";

const name = z
  .string()
  .superRefine((text, context) => {
    const reason = whyNever(text);
    if (reason !== undefined) context.addIssue({ code: "custom", message: reason });
  })
  .meta({ pattern: "^(?!LONGSHORE_|PG)[A-Za-z_][A-Za-z0-9_]*$" });

/** One name or a list of them. */
export const INHERIT_ENV = z.union([name.transform((text) => [text]), z.array(name)]).default([]);

/** What is true of a name whatever the settings say. */
function whyNever(text: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return `"${text}" is no name for an environment variable`;
  const reason = whyKept(text, []);
  return reason && notHandedOn(text, reason);
}

/**
 * What is to be said of the key beside its form: only the settings know which variables hold secrets.
 *
 * @param written its value, of whatever form.
 * @param refusal why a name is for no hook.
 * @param path where it stands.
 */
export function remarksOnInherited(
  written: unknown,
  refusal: HookSecrets["refusal"],
  path: Remark["path"] = ["inherit-env"],
): Remark[] {
  const names: [unknown, Remark["path"]][] = Array.isArray(written)
    ? written.map((name, index) => [name, [...path, index]])
    : [[written, path]];
  return names.flatMap(([name, place]): Remark[] => {
    if (typeof name !== "string" || whyNever(name) !== undefined) return [];
    const reason = refusal(name);
    return reason === undefined
      ? []
      : [{ path: place, severity: "error", message: notHandedOn(name, reason) }];
  });
}

function notHandedOn(name: string, reason: string): string {
  return `${name} is not handed on: ${reason}`;
}
