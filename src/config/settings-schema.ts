/**
 * What may stand in `longshore.yml` and in the variables that can stand for its keys: one schema for types, defaults and
 * errors.
 *
 * To add a setting: a line in `SHAPE`, its field in `settings.ts`, and its row in `docs/reference/settings.md`.
 */
import { z } from "zod";
import { parseDuration, parseSize } from "../lib/quantity.ts";
import { Ranges } from "../lib/ranges.ts";
import { INHERIT_ENV } from "./inherit-env.ts";
import { keys } from "./yaml-file.ts";

export type Listen = { host: string; port: number } | { path: string };

const NOT_YET = (key: string) => `\`${key}\` is not in this version`;

const duration = (fallback: string) =>
  z
    .string('expected a duration such as "30s" or "10m"')
    .prefault(fallback)
    .transform((text, context) =>
      parsed(parseDuration(text), context, `"${text}" is no duration; write it like "30s" or "10m"`),
    );

const size = (fallback: string) =>
  z
    .union([z.string(), z.number()])
    .prefault(fallback)
    .transform((value, context) =>
      parsed(parseSize(String(value)), context, `"${value}" is no size; write it like "25MiB" or "1GiB"`),
    );

const oneOrMore = <T extends z.ZodType<string>>(item: T) =>
  z.union([item.transform((value) => [value]), z.array(item)]);

const rangeOr = (...names: string[]) =>
  z.string().refine((text) => names.includes(text) || isRange(text), {
    error: (issue) => `"${issue.input}" is no address, no range and none of ${names.join(", ")}`,
  });

/** Secrets are named, never written down: a settings file ends up in a repository sooner or later. */
const secretReference = z.string().transform((text, context) => {
  const name = /^\$\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}$/.exec(text)?.[1];
  return parsed(
    name,
    context,
    "write `${{ secrets.NAME }}` and put the secret into the variable NAME or the file that NAME_FILE names",
  );
});

export const SOURCE = keys({
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]*$/, 'expected a path such as "/github"')
    .optional(),
  secrets: oneOrMore(secretReference).optional(),
  "allow-from": oneOrMore(rangeOr("github", "loopback", "any")).prefault(["github", "loopback"]),
  "allow-sha1": z.boolean().default(false),
  "replay-protection": z.enum(["auto", "off"]).default("auto"),
  "insecure-no-secret": z.boolean().default(false),
  "max-body": size("25MiB"),
});

export const apiUrl = z.url({
  protocol: /^https?$/,
  error: 'expected a URL such as "https://api.github.com"',
});

export const SHAPE = {
  listen: z.union([z.string(), z.number()]).prefault("0.0.0.0:8080").transform(readListen),
  "public-url": z
    .url({ protocol: /^https?$/, error: 'expected a URL such as "https://hooks.example.com"' })
    .optional(),
  data: z.string().min(1).default("./data"),
  database: z
    .string()
    .regex(/^(sqlite:.|postgres(ql)?:)/, 'expected "sqlite:" and the path of a file')
    .refine((text) => !text.startsWith("postgres"), {
      error: "PostgreSQL is not in this version; use `database: sqlite:PATH`",
    })
    .optional(),
  hooks: z.string().min(1).default("./hooks"),
  "trust-proxy": oneOrMore(rangeOr("loopback", "linklocal", "uniquelocal")).optional(),
  "trust-proxy-hops": z.int().min(1).max(32).default(1),
  sources: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "a source's name is of a–z, 0–9, - and _"),
      SOURCE.nullable(),
    )
    .superRefine(checkPaths)
    .optional(),
  github: keys(
    { "api-url": apiUrl.default("https://api.github.com") },
    { token: NOT_YET("token"), app: NOT_YET("app") },
  ).prefault({}),
  runs: keys({ "inherit-env": INHERIT_ENV }, { user: NOT_YET("user") }).prefault({}),
  workers: z.int().min(1).max(1_000).default(4),
  "stop-grace": duration("30s"),
  "log-level": z.enum(["debug", "info", "warn", "error"]).default("info"),
  "max-inflight": size("256MiB"),
  "min-free-disk": size("1GiB"),
};

const LATER = Object.fromEntries(
  ["admin", "vars", "notify", "max-queued", "retention"].map((key) => [key, NOT_YET(key)]),
);

export const SETTINGS = keys(SHAPE, LATER);

/** The settings as they are written, defaults filled in. */
export type WrittenSettings = z.output<typeof SETTINGS>;
export type WrittenSource = z.output<typeof SOURCE>;

/** The variable that can stand for a key: `trust-proxy` is `LONGSHORE_TRUST_PROXY`. */
function variableOf(key: string): string {
  return `LONGSHORE_${key.toUpperCase().replaceAll("-", "_")}`;
}

/** Keys that are maps have no variable, save for the one that the reference names. */
export const VARIABLES: [key: string, variable: string][] = Object.keys(SHAPE)
  .filter((key) => !["sources", "github", "runs"].includes(key))
  .map((key) => [key, variableOf(key)]);

export function pathOf(name: string, values: WrittenSource | null): string {
  return (values?.path ?? `/${name}`).replace(/(?<=.)\/+$/, "");
}

function checkPaths(sources: Record<string, WrittenSource | null>, context: z.RefinementCtx): void {
  const owners = new Map<string, string>([["/healthz", "the health check"]]);
  for (const [name, values] of Object.entries(sources)) {
    const path = pathOf(name, values);
    const owner = owners.get(path);
    const message = `source "${name}" has the path ${path}, which is ${owner}'s`;
    if (owner) context.addIssue({ code: "custom", path: [name, "path"], message });
    owners.set(path, `source "${name}"`);
  }
  if (Object.keys(sources).length === 0) context.addIssue({ code: "custom", message: "names no source" });
}

function readListen(value: string | number, context: z.RefinementCtx): Listen {
  const text = String(value);
  if (text.startsWith("unix:") && text.length > "unix:".length) return { path: text.slice("unix:".length) };
  const [, host = "0.0.0.0", port] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text) ?? [];
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

function parsed<T>(value: T | undefined, context: z.RefinementCtx, message: string): T {
  if (value !== undefined) return value;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
