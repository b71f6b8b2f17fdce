/**
 * What several settings are made of. A transformation does not show in a JSON Schema, so each says there, too, what it
 * takes: as far as a regular expression can.
 */
import { z } from "zod";
import { parseSize, SIZE } from "../lib/quantity.ts";
import { Ranges } from "../lib/ranges.ts";
import { durationText, parsed } from "./schema-parts.ts";

export type Listen = { host: string; port: number } | { path: string };

export const duration = (fallback: string) => durationText.prefault(fallback);

const sizeOf = (input: z.ZodType<string | number>) =>
  input
    .transform((value, context) =>
      parsed(parseSize(String(value)), context, `"${value}" is no size; write it like "25MiB" or "1GiB"`),
    )
    .meta({ pattern: SIZE, multipleOf: 1, minimum: 0 });

export const sizeText = sizeOf(z.union([z.string(), z.number()]));

export const size = (fallback: string) => sizeOf(z.union([z.string(), z.number()]).prefault(fallback));

export const oneOrMore = <T extends z.ZodType<string>>(item: T) =>
  z.union([item.transform((value) => [value]), z.array(item)]);

export const rangeOr = (...names: string[]) =>
  z.string().refine((text) => names.includes(text) || isRange(text), {
    error: (issue) => `"${issue.input}" is no address, no range and none of ${names.join(", ")}`,
  });

const REFERENCE = /^\$\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}$/;

/** Secrets are named, never written down: a settings file ends up in a repository sooner or later. */
export const secretReference = z
  .string()
  .transform((text, context) =>
    parsed(
      REFERENCE.exec(text)?.[1],
      context,
      "write `${{ secrets.NAME }}` and put the secret into the variable NAME or the file that NAME_FILE names",
    ),
  )
  .meta({ pattern: REFERENCE.source });

export const url = (example: string) =>
  z.url({ protocol: /^https?$/, error: `expected a URL such as "${example}"` }).meta({ pattern: "^https?:" });

const LISTEN = /^(?:unix:(?<path>.+)|(?:(?<host>\[[^\]]+\]|[^:]+):)?(?<port>\d{1,5}))$/;

export const listen = (fallback: string) =>
  z
    .union([z.string(), z.number()])
    .prefault(fallback)
    .transform((value, context) => readListen(value, context, "0.0.0.0"))
    .meta({ pattern: LISTEN.source, maximum: 65_535 });

/** The same, or not at all; a port alone is one that only this machine reaches. */
export const listenLocally = (fallback: string) =>
  z
    .union([z.string(), z.number()])
    .prefault(fallback)
    .transform((value, context) => (value === "off" ? value : readListen(value, context, "127.0.0.1")))
    .meta({ pattern: `^off$|${LISTEN.source}`, maximum: 65_535 });

function readListen(value: string | number, context: z.RefinementCtx, ofPort: string): Listen {
  const text = String(value);
  const { path, host = ofPort, port } = LISTEN.exec(text)?.groups ?? {};
  if (path !== undefined) return { path };
  const listen =
    port !== undefined && Number(port) <= 65_535
      ? { host: host.replace(/^\[|\]$/g, ""), port: Number(port) }
      : undefined;
  return parsed(
    listen,
    context,
    `"${text}" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"`,
  );
}

function isRange(text: string): boolean {
  try {
    return new Ranges([text]).texts.length === 1;
  } catch {
    return false;
  }
}
