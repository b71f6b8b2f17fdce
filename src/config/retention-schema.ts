/** `retention` in the settings: how long deliveries are kept, with all that came of them, and how much of them. */
import { z } from "zod";
import { DURATION, parseDuration } from "../lib/quantity.ts";
import { parsed } from "./schema-parts.ts";
import { sizeText } from "./settings-parts.ts";
import { about, keys } from "./yaml-file.ts";

export interface Retention {
  /** `null`: however old they are. */
  ageMs: number | null;
  /** What the database has in use at most; `null`: however much it is. */
  sizeBytes: number | null;
}

const FOREVER = ["forever", "off"];
/** What is meant to be thirty months is easily written `30m`, and cannot be brought back. */
const MIN_AGE_MS = 3_600_000;
const MIN_SIZE_BYTES = 10 * 1024 ** 2;

const age = z
  .string('expected a duration such as "30d", or "forever"')
  .transform((value, context) => {
    if (FOREVER.includes(value)) return { ageMs: null };
    const ageMs = parsed(
      parseDuration(value),
      context,
      `"${value}" is no duration; write it like "30d", or "forever"`,
    );
    const isShort = typeof ageMs === "number" && ageMs < MIN_AGE_MS;
    const message = `"${value}" is less than an hour; "30d" are thirty days`;
    return { ageMs: parsed(isShort ? undefined : ageMs, context, message) };
  })
  .meta({ pattern: `^(${FOREVER.join("|")})$|${DURATION}` });

const map = keys({
  age: age
    .prefault("30d")
    .meta(about("Older deliveries are removed, when their runs are all at their end; `forever` keeps them")),
  size: sizeText
    .refine(
      (bytes) => bytes >= MIN_SIZE_BYTES,
      "expected at least 10MiB; it is the size of the whole database",
    )
    .optional()
    .meta(
      about("While the database has more than this in use, its oldest deliveries are removed", "no limit"),
    ),
});

export const RETENTION = z
  .union([
    age.transform(({ ageMs }): Retention => ({ ageMs, sizeBytes: null })),
    map.transform(({ age: { ageMs }, size }): Retention => ({ ageMs, sizeBytes: size ?? null })),
  ])
  .prefault("30d");
