/** Longshore's settings: found, read from the file and the environment, and made ready to be used. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { z } from "zod";
import { isDatabaseServer, shareWithPostgres } from "./database.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { hookSecrets, whyKept } from "./hook-secrets.ts";
import { remarksOnInherited } from "./inherit-env.ts";
import { type Notification, remarksOnNotification, toNotification } from "./notify-schema.ts";
import { hasErrors, type Problem, problem, UserError } from "./problem.ts";
import type { Retention } from "./retention-schema.ts";
import { secretVariables } from "./secrets.ts";
import { VARIABLES, VARIABLES_IN_MAPS } from "./setting-variables.ts";
import type { Listen } from "./settings-parts.ts";
import {
  pathOf,
  SETTINGS,
  SHAPE,
  SOURCE,
  type WrittenSettings,
  type WrittenSource,
} from "./settings-schema.ts";
import { checkYaml, sentences } from "./yaml-file.ts";

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
  /** When it answers: at once, or with what became of the runs. */
  respond: "stored" | "outcome";
  maxBodyBytes: number;
}

/** The admin API, and who may use it. */
export interface AdminAccess {
  listen: Listen | "off";
  /** Without a slash at its end. */
  publicUrl?: string | undefined;
  /** In which a proxy in `trustProxy` says who somebody is. */
  userHeader?: string | undefined;
  userRole: "viewer" | "admin";
}

export interface Settings {
  /** The settings file; absent when there is none. */
  file?: string;
  listen: Listen;
  publicUrl?: string;
  admin: AdminAccess;
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
  /** Names of variables that every run is given from the server's environment. */
  inheritEnv: readonly string[];
  /** The account that runs are performed under unless their hook names one; absent: the server's own. */
  runsUser?: string | undefined;
  /** Whether deliveries may be forwarded to this machine and to private networks. */
  allowPrivateForwards: boolean;
  /** What hooks read as `vars`. */
  vars: Readonly<Record<string, string>>;
  notifications: readonly Notification[];
  workers: number;
  /** How many runs of one hook may wait. */
  maxQueued: number;
  retention: Retention;
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
  if (isDatabaseServer(value.settings.database)) shareWithPostgres(value.environment);
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

  const values: WrittenSettings = { ...written.value, ...overrides.values };
  for (const { map, key, value } of overrides.inMaps)
    Object.assign(values, { [map]: { ...values[map], [key]: value } });
  const settings = toSettings(values, folder, file);
  problems.push(...crossChecks(settings, file), ...checkNotify(values, settings, environment));
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
  const inMaps: { map: "admin" | "github"; key: string; value: unknown }[] = [];
  for (const [map, key, variable, schema] of VARIABLES_IN_MAPS)
    read(variable, schema, (value) => inMaps.push({ map, key, value }));
  return { values, inMaps, problems };
}

/** A variable is a text; where no text is meant, digits are a number, and commas make a list. */
function fromText(text: string, schema: z.ZodType): unknown {
  if (schema.safeParse(text).success) return text;
  if (/^\d+$/.test(text)) return Number(text);
  return text.includes(",") ? text.split(",").map((item) => item.trim()) : text;
}

function toSettings(values: WrittenSettings, folder: string, file?: string): Settings {
  const path = (text: string) => (isAbsolute(text) ? text : resolve(folder, text));
  const dataFolder = path(values.data);
  const database = values.database ?? `sqlite:${join(dataFolder, "longshore.db")}`;
  const sources = values.sources ?? { github: null };
  return {
    file,
    listen: "path" in values.listen ? { path: path(values.listen.path) } : values.listen,
    publicUrl: withoutSlash(values["public-url"]),
    admin: toAdmin(values.admin, path),
    dataFolder,
    database: isDatabaseServer(database) ? database : path(database.slice("sqlite:".length)),
    hooksFolder: path(values.hooks),
    trustProxy: values["trust-proxy"] ?? ["loopback"],
    trustProxyIsExplicit: values["trust-proxy"] !== undefined,
    trustProxyHops: values["trust-proxy-hops"],
    sources: Object.entries(sources).map(([name, written]) => toSource(name, written ?? SOURCE.parse({}))),
    sourcesAreExplicit: values.sources !== undefined,
    githubApiUrl: values.github["api-url"].replace(/\/+$/, ""),
    inheritEnv: values.runs["inherit-env"],
    runsUser: values.runs.user,
    allowPrivateForwards: values.forward["allow-private"],
    vars: values.vars,
    notifications: (values.notify ?? []).map((one, index) =>
      toNotification(one, index, file ?? "longshore.yml", values),
    ),
    workers: values.workers,
    maxQueued: values["max-queued"],
    retention: values.retention,
    stopGraceMs: values["stop-grace"],
    logLevel: values["log-level"],
    maxInflightBytes: values["max-inflight"],
    minFreeDiskBytes: values["min-free-disk"],
  };
}

function toAdmin(values: WrittenSettings["admin"], path: (text: string) => string): AdminAccess {
  const { listen } = values;
  return {
    listen: listen !== "off" && "path" in listen ? { path: path(listen.path) } : listen,
    publicUrl: withoutSlash(values["public-url"]),
    userHeader: values["user-header"]?.toLowerCase(),
    userRole: values["user-role"],
  };
}

function withoutSlash(url: string | undefined): string | undefined {
  return url?.replace(/\/+$/, "");
}

function toSource(name: string, values: WrittenSource): SourceSettings {
  return {
    name,
    path: pathOf(name, values),
    secretNames: values.secrets ?? [],
    allowFrom: values["allow-from"],
    allowSha1: values["allow-sha1"],
    replayProtection: values["replay-protection"],
    insecureNoSecret: values["insecure-no-secret"],
    respond: values.respond,
    maxBodyBytes: values["max-body"],
  };
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
  if (isDatabaseServer(settings.database) && settings.retention.sizeBytes !== null)
    problems.push(
      problem(
        file,
        "`retention.size`: PostgreSQL gives no room back that could be measured; use `retention.age`",
      ),
    );
  if (settings.admin.userHeader !== undefined && !settings.trustProxyIsExplicit)
    problems.push(
      problem(file, "`admin.user-header` needs `trust-proxy`: it says whose word counts for who somebody is"),
    );
  const ofSources = secretVariables(settings);
  const remarks = remarksOnInherited(settings.inheritEnv, (name) => whyKept(name, ofSources));
  problems.push(...remarks.map(({ message }) => problem(file, `\`runs.inherit-env\`: ${message}`)));
  return problems;
}

/** Its expressions, which read `vars` and secrets. */
function checkNotify(values: WrittenSettings, settings: Settings, environment: Environment): Problem[] {
  const secrets = hookSecrets(environment, secretVariables(settings));
  const context = { sources: settings.sources.map(({ name }) => name), vars: settings.vars, secrets };
  return (values.notify ?? []).flatMap((one, index) =>
    remarksOnNotification(one, context).map(({ path, message, severity }) => ({
      ...problem(settings.file ?? "longshore.yml", `\`notify.${index}.${path.join(".")}\`: ${message}`),
      severity,
    })),
  );
}

/** Only Enterprise Server has its API below `/api/v3`. */
function isEnterpriseServer(apiUrl: string): boolean {
  return new URL(apiUrl).pathname.replace(/\/$/, "").endsWith("/api/v3");
}
