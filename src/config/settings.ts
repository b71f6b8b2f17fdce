/**
 * Longshore's settings: one schema for `longshore.yml` and for the environment, giving types, defaults and errors.
 *
 * To add a setting: a line in `SHAPE`, and its row in `docs/reference/settings.md`.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { parseDuration, parseSize } from "../lib/quantity.ts";
import { Ranges } from "../lib/ranges.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { hasErrors, type Problem, problem, UserError } from "./problem.ts";
import { checkYaml, keys, sentences } from "./yaml-file.ts";

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

const source = keys({
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

const apiUrl = z.url({ protocol: /^https?$/, error: 'expected a URL such as "https://api.github.com"' });

const SHAPE = {
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
      source.nullable(),
    )
    .superRefine(checkPaths)
    .optional(),
  github: keys(
    { "api-url": apiUrl.default("https://api.github.com") },
    { token: NOT_YET("token"), app: NOT_YET("app") },
  ).prefault({}),
  workers: z.int().min(1).max(1_000).default(4),
  "stop-grace": duration("30s"),
  "log-level": z.enum(["debug", "info", "warn", "error"]).default("info"),
  "max-inflight": size("256MiB"),
  "min-free-disk": size("1GiB"),
};

const LATER = Object.fromEntries(
  ["admin", "runs", "vars", "notify", "max-queued", "retention"].map((key) => [key, NOT_YET(key)]),
);

export const SETTINGS = keys(SHAPE, LATER);

type Shape = z.output<typeof SETTINGS>;

/** Where deliveries come from. */
export interface SourceSettings {
  name: string;
  path: string;
  /** Names of environment variables. */
  secretNames: readonly string[];
  allowFrom: readonly string[];
  allowSha1: boolean;
  replayProtection: "auto" | "off";
  insecureNoSecret: boolean;
  maxBodyBytes: number;
}

export type Listen = { host: string; port: number } | { path: string };

export interface Settings {
  /** The settings file; absent when there is none. */
  file?: string;
  listen: Listen;
  publicUrl?: string;
  dataFolder: string;
  /** The path of the SQLite file. */
  database: string;
  hooksFolder: string;
  trustProxy: readonly string[];
  /** Whether the owner named the proxies, so that what they say makes a sender known. */
  trustProxyIsExplicit: boolean;
  trustProxyHops: number;
  sources: readonly SourceSettings[];
  /** Whether the sources are the owner's, not the default. */
  sourcesAreExplicit: boolean;
  githubApiUrl: string;
  workers: number;
  stopGraceMs: number;
  logLevel: "debug" | "info" | "warn" | "error";
  maxInflightBytes: number;
  minFreeDiskBytes: number;
}

export interface LoadedSettings {
  settings: Settings;
  environment: Environment;
  problems: readonly Problem[];
}

/** The variable that can stand for a key: `trust-proxy` is `LONGSHORE_TRUST_PROXY`. */
function variableOf(key: string): string {
  return `LONGSHORE_${key.toUpperCase().replaceAll("-", "_")}`;
}

/** Keys that are maps have no variable, save for the one that the reference names. */
export const VARIABLES: [key: string, variable: string][] = Object.keys(SHAPE)
  .filter((key) => key !== "sources" && key !== "github")
  .map((key) => [key, variableOf(key)]);

/**
 * Finds and reads the settings: `--config`, else `LONGSHORE_CONFIG`, else `./longshore.yml`, else
 * `/etc/longshore/longshore.yml`, else the defaults. Variables win over the file.
 *
 * @param configPath what `--config` said.
 * @throws {UserError} naming all mistakes at once.
 */
export function loadSettings(variables: NodeJS.ProcessEnv, configPath?: string): LoadedSettings {
  const { problems, value } = checkSettings(variables, configPath);
  if (!value) throw new UserError("The settings have mistakes:", problems);
  return { ...value, problems };
}

/** The same, for somebody who wants the mistakes as data. */
export function checkSettings(
  variables: NodeJS.ProcessEnv,
  configPath?: string,
): { value?: Omit<LoadedSettings, "problems">; problems: readonly Problem[] } {
  const file = findFile(variables, configPath);
  const folder = file ? dirname(file) : process.cwd();
  const environment = readEnvironment(variables, join(folder, ".env"));
  const written = file
    ? checkYaml(SETTINGS, readText(file), file)
    : { value: SETTINGS.parse({}), problems: [] };
  const overrides = readOverrides(environment);
  const problems = [...written.problems, ...overrides.problems];
  if (!written.value || hasErrors(problems)) return { problems };

  const values: Shape = { ...written.value, ...overrides.values };
  if (overrides.githubApiUrl) values.github = { "api-url": overrides.githubApiUrl };
  const settings = toSettings(values, folder, file);
  problems.push(...crossChecks(settings, file));
  return hasErrors(problems) ? { problems } : { value: { settings, environment }, problems };
}

function findFile(variables: NodeJS.ProcessEnv, configPath?: string): string | undefined {
  const named = configPath ?? (variables.LONGSHORE_CONFIG || undefined);
  if (named !== undefined) {
    if (!existsSync(named)) throw new UserError(`There is no settings file ${named}.`);
    return resolve(named);
  }
  return [resolve("longshore.yml"), "/etc/longshore/longshore.yml"].find((path) => existsSync(path));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function readOverrides(environment: Environment) {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const read = (variable: string, schema: z.ZodType, store: (value: unknown) => void) => {
    const text = environment.get(variable);
    if (text === undefined) return;
    const result = schema.safeParse(fromText(text, schema), { reportInput: true });
    if (result.success) store(result.data);
    else problems.push(...sentences(result.error).map((message) => problem(variable, message)));
  };
  for (const [key, variable] of VARIABLES) {
    read(variable, SHAPE[key as keyof typeof SHAPE], (value) => {
      values[key] = value;
    });
  }
  let githubApiUrl: string | undefined;
  read("LONGSHORE_GITHUB_API_URL", apiUrl, (value) => {
    githubApiUrl = value as string;
  });
  return { values, githubApiUrl, problems };
}

/** A variable is a text; where no text is meant, digits are a number, and commas make a list. */
function fromText(text: string, schema: z.ZodType): unknown {
  if (schema.safeParse(text).success) return text;
  if (/^\d+$/.test(text)) return Number(text);
  return text.includes(",") ? text.split(",").map((item) => item.trim()) : text;
}

function toSettings(values: Shape, folder: string, file?: string): Settings {
  const path = (text: string) => (isAbsolute(text) ? text : resolve(folder, text));
  const dataFolder = path(values.data);
  const database = values.database ?? `sqlite:${join(dataFolder, "longshore.db")}`;
  const sources = values.sources ?? { github: null };
  return {
    file,
    listen: "path" in values.listen ? { path: path(values.listen.path) } : values.listen,
    publicUrl: values["public-url"]?.replace(/\/+$/, ""),
    dataFolder,
    database: path(database.slice("sqlite:".length)),
    hooksFolder: path(values.hooks),
    trustProxy: values["trust-proxy"] ?? ["loopback"],
    trustProxyIsExplicit: values["trust-proxy"] !== undefined,
    trustProxyHops: values["trust-proxy-hops"],
    sources: Object.entries(sources).map(([name, written]) => toSource(name, written ?? source.parse({}))),
    sourcesAreExplicit: values.sources !== undefined,
    githubApiUrl: values.github["api-url"].replace(/\/+$/, ""),
    workers: values.workers,
    stopGraceMs: values["stop-grace"],
    logLevel: values["log-level"],
    maxInflightBytes: values["max-inflight"],
    minFreeDiskBytes: values["min-free-disk"],
  };
}

function toSource(name: string, values: z.output<typeof source>): SourceSettings {
  return {
    name,
    path: pathOf(name, values),
    secretNames: values.secrets ?? [],
    allowFrom: values["allow-from"],
    allowSha1: values["allow-sha1"],
    replayProtection: values["replay-protection"],
    insecureNoSecret: values["insecure-no-secret"],
    maxBodyBytes: values["max-body"],
  };
}

function pathOf(name: string, values: z.output<typeof source> | null): string {
  return (values?.path ?? `/${name}`).replace(/(?<=.)\/+$/, "");
}

function checkPaths(sources: Record<string, z.output<typeof source> | null>, context: z.RefinementCtx): void {
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

/** What no single key can know. */
function crossChecks(settings: Settings, file = "longshore.yml"): Problem[] {
  const problems: Problem[] = [];
  for (const { name, allowFrom } of settings.sources) {
    if (isEnterpriseServer(settings.githubApiUrl) && allowFrom.includes("github")) {
      problems.push(
        problem(
          file,
          `source "${name}": GitHub Enterprise Server publishes no list of addresses; name its ranges in \`allow-from\``,
        ),
      );
    }
  }
  return problems;
}

/** Only Enterprise Server has its API below `/api/v3`. */
function isEnterpriseServer(apiUrl: string): boolean {
  return new URL(apiUrl).pathname.replace(/\/$/, "").endsWith("/api/v3");
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
