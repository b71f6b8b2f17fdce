/** What several keys of a hook file, and of the settings, are made of. */
import { z } from "zod";
import { DURATION, parseDuration } from "../lib/quantity.ts";
import { PatternError } from "../match/pattern.ts";

/** What has no `${{` in it, as editors are told it: a pattern, because they cannot ask a function. */
export const NO_EXPRESSION = /^(?![\s\S]*\$\{\{)/;

/** A text in which nothing is put in. That there is no `${{` in it is found, and explained, by `hook-expressions.ts`. */
export const text = z.string().min(1, "cannot be empty").meta({ pattern: NO_EXPRESSION.source });

/** One value or a list of them, as everywhere in Actions. */
export function list<T extends z.ZodType<string, string>>(item: T) {
  return z.union([item.transform((value) => [value]), z.array(item).min(1, "cannot be empty")]);
}

/**
 * One pattern or a list of them, of which at least one includes something.
 *
 * @param check throws a {@link PatternError} for what is no pattern.
 */
export function patterns(check: (pattern: string) => void) {
  const pattern = text.superRefine((value, context) => {
    try {
      check(value);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const message = `${error.message} (character ${error.column + 1} of \`${value}\`)`;
      context.addIssue({ code: "custom", message });
    }
  });
  const including = "^[^!]";
  return (
    list(pattern)
      .refine((all) => all.length === 0 || all.some((one) => !one.startsWith("!")), {
        error: "a list of only `!` patterns includes nothing; put what to include before them",
      })
      // The same for editors: the first is for a single pattern, the second for a list.
      .meta({ pattern: including, contains: { pattern: including } })
  );
}

/** Milliseconds, written as a text such as `30s`. */
export const durationText = z
  .string('expected a duration such as "30s" or "10m"')
  .transform((value, context) =>
    parsed(parseDuration(value), context, `"${value}" is no duration; write it like "30s" or "10m"`),
  )
  .meta({ pattern: DURATION });

/** A value that was read, or the mistake where there is none. */
export function parsed<T>(value: T | undefined, context: z.RefinementCtx, message: string): T {
  if (value !== undefined) return value;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
