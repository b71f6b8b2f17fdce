/** `longshore serve`: starts the server, says where everything is, and stops it when asked to. */
import { networkInterfaces } from "node:os";
import { styleText } from "node:util";
import { type Command, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { showDatabase, withoutPassword } from "../config/database.ts";
import { whoAsks } from "../config/environment.ts";
import { showPath, UserError } from "../config/problem.ts";
import { readSecrets, secretsFile } from "../config/secrets.ts";
import type { LoadedSettings, Settings } from "../config/settings.ts";
import { createLog } from "../lib/log.ts";
import { webhookOf } from "../match/events.ts";
import { EVERY_EVENT } from "../match/hook.ts";
import { type Role, type Server, startServer } from "../server.ts";
import { makeSignInCode } from "../store/sessions.ts";
import { databaseExists, openStore } from "../store/store.ts";
import { asTyped } from "./as-typed.ts";
import { type GlobalOptions, settingsOf } from "./context.ts";
import { makeFirstSecrets, writeFirstHook } from "./first-files.ts";
import { signInLink } from "./login.ts";
import { print, printJson } from "./print.ts";

type ServeOptions = GlobalOptions & { only?: Role };

/** Ctrl-C reaches a process twice when its parent passes signals on: a second one counts only after this long. */
const SECOND_SIGNAL_AFTER_MS = 1_000;

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("start the server")
    .addOption(new Option("--only <role>", "start only this part").choices(["receiver", "worker", "admin"]))
    .action((_, command: Command) => serve(command.optsWithGlobals()));
}

async function serve(options: ServeOptions): Promise<void> {
  const loaded = settingsOf(options);
  const { settings, environment } = loaded;
  const log = await createLog(settings.logLevel, process.stderr.isTTY);
  const firstFiles = options.only ? {} : prepareFirstStart(loaded);
  const roles = new Set<Role>(options.only ? [options.only] : ["receiver", "worker", "admin"]);
  const server = await startServer({
    settings,
    environment,
    roles,
    log,
    logForPeople: process.stderr.isTTY,
    version: packageJson.version,
  }).catch(explain);
  // Listened for before anybody is told that the server is ready, and may stop it.
  const stopped = stopOnSignal(server);
  if (options.json) printJson(toJson(server, loaded));
  else print(welcome(server, loaded, { ...firstFiles, dashboard: await dashboardLine(server, settings) }));
  await stopped;
}

/** Only where nothing is configured and no database exists is a secret made: there is no built-in default. */
function prepareFirstStart({ settings, environment }: LoadedSettings): {
  hook?: string;
  madeSecret?: boolean;
} {
  if (databaseExists(settings.database)) return {};
  const hook = settings.file === undefined ? writeFirstHook(settings) : undefined;
  const made = settings.sourcesAreExplicit ? [] : makeFirstSecrets(settings, environment);
  return { hook, madeSecret: made.length > 0 };
}

function explain(error: NodeJS.ErrnoException & { isOfAdmin?: boolean }): never {
  if (error.code === "EADDRINUSE" || error.code === "EACCES") {
    const setting = error.isOfAdmin
      ? "`admin.listen` or LONGSHORE_ADMIN_LISTEN, which can be `off`"
      : "`listen` or LONGSHORE_LISTEN";
    throw new UserError(`Cannot listen: ${error.message}. Choose another address with ${setting}.`);
  }
  throw error;
}

/** The first signal stops gracefully; a second one ends the process at once, and with it what still runs. */
async function stopOnSignal(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let stoppedAt: number | undefined;
  const onSignal = () => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      process.stderr.write("Stopping: no new deliveries; runs may finish. Once more to stop at once.\n");
      void server.stop().finally(resolve);
    } else if (performance.now() - stoppedAt > SECOND_SIGNAL_AFTER_MS) process.exit(1);
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  // The entry point that handed over to this Node is gone: there is nobody left to pass signals on.
  process.on("disconnect", onSignal);
  await promise;
  process.off("SIGTERM", onSignal).off("SIGINT", onSignal).off("disconnect", onSignal);
}

function toJson(server: Server, { settings }: LoadedSettings): object {
  return {
    url: server.url ?? null,
    adminUrl: server.adminUrl ?? null,
    database: withoutPassword(settings.database),
    hooksFolder: settings.hooksFolder,
    hooks: server.hooks.hooks.map(({ name }) => name),
    sources: settings.sources.map((source) => ({
      name: source.name,
      payloadUrl: payloadUrl(server, settings, source.path),
    })),
  };
}

function welcome(
  server: Server,
  loaded: LoadedSettings,
  first: { hook?: string; madeSecret?: boolean; dashboard: string },
): string {
  const { settings } = loaded;
  const hooks = server.hooks.hooks.map(({ name }) => name);
  const lines = [
    styleText("bold", "Longshore is running", { stream: process.stdout }),
    "",
    field("receiver", receiverText(server, settings)),
    field("dashboard", first.dashboard),
    field("database", showDatabase(settings.database)),
    field(
      "hooks",
      `${hooks.length} in ${showPath(settings.hooksFolder)}${hooks.length > 0 ? `: ${hooks.slice(0, 8).join(", ")}` : ""}`,
    ),
    ...(first.hook ? [field("", `${showPath(first.hook)} was written as a first example`)] : []),
    ...problemsIn(server),
  ];
  if (server.url !== undefined)
    for (const source of settings.sources) lines.push("", ...webhookForm(server, loaded, source, first));
  lines.push(
    "",
    `Try it: ${styleText("bold", asTyped(`send ${firstEvent(server)}`), { stream: process.stdout })}`,
    "",
  );
  return lines.join("\n");
}

function receiverText({ url }: Server, { listen }: Settings): string {
  if (url === undefined) return "not here (--only)";
  return isEverywhere(listen) ? `${url}  (on all addresses of this machine)` : url;
}

function isEverywhere(listen: Settings["listen"]): boolean {
  return "host" in listen && ["0.0.0.0", "::"].includes(listen.host);
}

/** With a link that signs in, where only the person who started it reads along. */
async function dashboardLine({ adminUrl }: Server, { database, admin }: Settings): Promise<string> {
  if (adminUrl === undefined) return admin.listen === "off" ? "off (`admin.listen`)" : "not here (--only)";
  const base = admin.publicUrl ?? adminUrl;
  if (!process.stdout.isTTY) return `${base}  (\`${asTyped("login")}\` prints a link that signs in)`;
  const store = await openStore(database);
  try {
    const { code } = await makeSignInCode(store.db, { askedBy: whoAsks(), now: Date.now() });
    return `${signInLink(base, code)}  (works once, for ten minutes; \`${asTyped("login")}\` makes another)`;
  } finally {
    await store.close();
  }
}

/** What GitHub's form for a new webhook asks for, in its order. */
function webhookForm(
  server: Server,
  { settings, environment }: LoadedSettings,
  source: LoadedSettings["settings"]["sources"][number],
  { madeSecret }: { madeSecret?: boolean },
): string[] {
  const { secrets } = readSecrets(settings, source, environment);
  const made = madeSecret
    ? `, made just now and kept in ${showPath(secretsFile(settings, source.name))}`
    : "";
  const secret =
    secrets.length > 0
      ? `${asTyped(`secret show ${source.name}`)}  (prints it${made})`
      : "none: anybody can send deliveries";
  const isLocal = settings.publicUrl === undefined;
  return [
    `Source ${source.name}, for GitHub under Settings › Webhooks › Add webhook:`,
    field(
      "  Payload URL",
      `${payloadUrl(server, settings, source.path)}${isLocal ? "  (as GitHub reaches it: set `public-url`)" : ""}`,
    ),
    field("  Content type", "application/json"),
    field("  Secret", secret),
  ];
}

function payloadUrl(server: Server, { publicUrl, listen }: Settings, path: string): string {
  if (publicUrl !== undefined) return `${publicUrl}${path}`;
  if ("path" in listen || server.url === undefined) return `https://YOUR-HOST${path}`;
  return `${isEverywhere(listen) ? server.url.replace("127.0.0.1", outsideAddress()) : server.url}${path}`;
}

/** The first address of this machine that others can see, or its own for itself. */
function outsideAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
}

function problemsIn({ hooks }: Server): string[] {
  const warnings = hooks.problems.filter(({ severity }) => severity === "warning").length;
  const mistakes = hooks.problems.length - warnings;
  const counts = [mistakes > 0 && `${mistakes} mistakes`, warnings > 0 && `${warnings} warnings`];
  const said = counts.filter(Boolean).join(", ");
  return said === "" ? [] : [field("", `${said}; see \`${asTyped("check")}\``)];
}

/** As GitHub sends it: `pull_request` where the hook says `pull_request_target`. */
function firstEvent(server: Server): string {
  const events = server.hooks.hooks.flatMap(({ on }) => on.map(({ event }) => event));
  return webhookOf(events.find((event) => event !== EVERY_EVENT) ?? "push") ?? "push";
}

function field(name: string, value: string): string {
  return `${name.padEnd(15)} ${value}`;
}
