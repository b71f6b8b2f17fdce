/** Which variables of the server's environment a run may be given: `inherit-env`, in the settings and in hook files. */
import { z } from "zod";
import type { HookContext } from "./hook-context.ts";
import type { Remark } from "./yaml-file.ts";

const name = z
  .string()
  .superRefine((text, context) => {
    const reason = whyNotInherited(text);
    if (reason !== undefined) context.addIssue({ code: "custom", message: reason });
  })
  .meta({ pattern: "^(?!LONGSHORE_|PG)[A-Za-z_][A-Za-z0-9_]*$" });

/** One name or a list of them. */
export const INHERIT_ENV = z.union([name.transform((text) => [text]), z.array(name)]).default([]);

function whyNotInherited(text: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return `"${text}" is no name for an environment variable`;
  if (/^LONGSHORE_/i.test(text))
    return `${text} is not handed on: what begins with LONGSHORE_ is Longshore's own`;
  if (/^PG/i.test(text)) return `${text} is not handed on: what begins with PG opens Longshore's database`;
  return;
}

/**
 * Why one of these names is not handed on, or `undefined`: whoever knows a source's secret can sign deliveries.
 *
 * @param secretVariables the variables that hold the secrets of sources.
 */
export function whySecret(text: string, secretVariables: readonly string[]): string | undefined {
  // On some systems the names of variables have no case.
  const upper = text.toUpperCase();
  const kept = secretVariables.flatMap((variable) => [variable, `${variable}_FILE`]);
  if (!kept.some((variable) => variable.toUpperCase() === upper)) return;
  return `${text} is not handed on: it holds the secret of a source, and a script that knows it could sign deliveries`;
}

/**
 * What is to be said of the key in a hook file: only the settings know which variables hold secrets.
 *
 * @param written its value, of whatever form.
 * @param key its name there.
 */
export function remarksOnInherited(
  written: unknown,
  { secretVariables }: HookContext,
  key = "inherit-env",
): Remark[] {
  const names: [unknown, PropertyKey[]][] = Array.isArray(written)
    ? written.map((name, index) => [name, [key, index]])
    : [[written, [key]]];
  return names.flatMap(([name, path]): Remark[] => {
    const message = typeof name === "string" ? whySecret(name, secretVariables) : undefined;
    return message === undefined ? [] : [{ path, severity: "error", message }];
  });
}
