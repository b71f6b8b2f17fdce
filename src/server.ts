/**
 * The composition root of `longshore serve`: opens what is needed, joins the receiver and the worker to it, and ends all
 * of it in reverse order. Receiver and worker know nothing of each other; they meet in the database.
 */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./config/environment.ts";
import { hookContext } from "./config/hook-context.ts";
import { HookFolder } from "./config/hook-folder.ts";
import { formatProblem } from "./config/problem.ts";
import { checkSecrets, type Secret } from "./config/secrets.ts";
import type { Settings, SourceSettings } from "./config/settings.ts";
import { AddressList, type SharedAddresses } from "./github/addresses.ts";
import { every } from "./lib/every.ts";
import type { Log } from "./lib/log.ts";
import { AllowList, ClientFinder } from "./receive/client.ts";
import { Examiner } from "./receive/examine.ts";
import { listen } from "./receive/listener.ts";
import { LiveSecrets } from "./receive/live-secrets.ts";
import { Outcomes } from "./receive/outcomes.ts";
import type { Source } from "./receive/receiver.ts";
import { accountProblems } from "./run/account-problems.ts";
import { HandlerFiles } from "./run/handlers/hooks.ts";
import { Presence } from "./run/presence.ts";
import { newWorkerName } from "./run/worker-name.ts";
import { AcceptDurations } from "./server/accept-durations.ts";
import { startAdmin } from "./server/start-admin.ts";
import { startWorker } from "./server/start-worker.ts";
import { DeliveryWriter } from "./store/delivery-writer.ts";
import { listDisabledHooks } from "./store/disabled-hooks.ts";
import { keepAddresses, readAddresses } from "./store/github-addresses.ts";
import type { NodeSelf } from "./store/nodes.ts";
import { takeSingleton } from "./store/singletons.ts";
import { type Database, openStore } from "./store/store.ts";

export type Role = "receiver" | "worker" | "admin";

export interface ServerOptions {
  settings: Settings;
  environment: Environment;
  roles: ReadonlySet<Role>;
  log: Log;
  logForPeople: boolean;
  /** Of Longshore. */
  version: string;
}

export interface Server {
  /** Where the receiver can be reached; absent when there is none. */
  url?: string;
  /** Where the admin API can be reached on this machine; absent when there is none. */
  adminUrl?: string;
  hooks: HookFolder;
  /**
   * Takes no new deliveries, lets runs finish for `stop-grace`, and ends. The run that is cut off is handed back and
   * starts again with the next server.
   */
  stop(): Promise<void>;
}

/** GitHub hangs up after ten seconds; before that it has to hear that nothing is stored. */
const STORE_BUSY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;

/** @throws {UserError} when the settings do not allow a safe start. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { settings, environment, roles, log } = options;
  const secrets = roles.has("receiver") ? checkSecrets(settings, environment) : undefined;
  for (const warning of secrets?.warnings ?? []) log.warn({ problem: warning }, formatProblem(warning));
  prepareDataFolder(settings.dataFolder);
  const node: NodeSelf = {
    name: newWorkerName(),
    roles: [...roles],
    version: options.version,
    hooksFolder: settings.hooksFolder,
    startedAt: Date.now(),
  };
  const handlerFiles = new HandlerFiles({ user: settings.runsUser });
  const stops: (() => Promise<void>)[] = [() => handlerFiles.close()];
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    const hooks = new HookFolder(settings.hooksFolder, hookContext(settings, environment), [
      handlerFiles.reader,
    ]);
    await hooks.load();
    for (const problem of hooks.problems) log.warn({ problem }, formatProblem(problem));
    const warnOfAccounts = async () => {
      if (roles.has("worker")) await logAccountProblems(hooks, settings, log);
    };
    await warnOfAccounts();
    stops.push(every(LOOK_EVERY_MS, () => reloadHooks(hooks, log, warnOfAccounts)));
    if (roles.has("worker")) stops.push(startWorker(options, node));
    const url = secrets && (await startReceiver(options, node, hooks, secrets.bySource, stops));
    const adminUrl = await startAdminIfWanted(options, node, hooks, stops);
    return { url, adminUrl, hooks, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startReceiver(
  { settings, environment, roles, log }: ServerOptions,
  node: NodeSelf,
  hooks: HookFolder,
  bySource: Map<string, Secret[]>,
  stops: (() => Promise<void>)[],
): Promise<string> {
  const store = await openStore(settings.database, { busyMs: STORE_BUSY_MS, connections: 2 });
  stops.push(() => store.close());
  const github = new AddressList({
    apiUrl: settings.githubApiUrl,
    file: join(settings.dataFolder, "github-addresses.json"),
    log,
    shared: sharedAddresses(store.db, node, settings.githubApiUrl),
  });
  if (settings.sources.some(({ allowFrom }) => allowFrom.includes("github"))) {
    await github.load();
    void github.keepFresh();
  }
  stops.push(async () => github.stop());

  const reloadDisabled = async () => {
    const disabled = await listDisabledHooks(store.db);
    if (hooks.disable(disabled)) log.info({ disabled }, "the hooks that are disabled");
  };
  await reloadDisabled();
  // A look of some microseconds, off the way of the deliveries.
  stops.push(every(LOOK_EVERY_MS, reloadDisabled));

  // A worker says it for the whole node: it knows best what it can perform.
  if (!roles.has("worker")) stops.push(await beHere(new Presence(store.db, node), hooks, settings));

  const writer = await DeliveryWriter.open(
    {
      database: settings.database,
      minFreeDiskBytes: settings.minFreeDiskBytes,
      maxQueued: settings.maxQueued,
      maintainedElsewhere: roles.has("worker"),
      busyMs: STORE_BUSY_MS,
    },
    log,
  );
  stops.push(() => writer.close());
  const examiner = new Examiner(writer.dictionary);
  stops.push(() => examiner.close());

  const secrets = new LiveSecrets(settings, environment, bySource, writer, log);
  stops.push(every(LOOK_EVERY_MS, async () => secrets.reload()));

  const listener = await listen(settings.listen, {
    sources: settings.sources.map((source) => toSource(source, github, secrets)),
    clients: new ClientFinder({
      proxies: settings.trustProxy,
      isExplicit: settings.trustProxyIsExplicit,
      hops: settings.trustProxyHops,
    }),
    github,
    examiner,
    hooks: () => hooks.set,
    store: writer,
    outcomes: new Outcomes(store.db),
    log,
    maxInflightBytes: settings.maxInflightBytes,
  });
  stops.push(() => listener.close());
  return listener.url;
}

/** On a thread of its own: what is looked at must not hold up what comes in. */
async function startAdminIfWanted(
  options: ServerOptions,
  node: NodeSelf,
  hooks: HookFolder,
  stops: (() => Promise<void>)[],
): Promise<string | undefined> {
  const { listen } = options.settings.admin;
  if (!options.roles.has("admin") || listen === "off") return undefined;
  const durations = new AcceptDurations(options.roles.has("receiver"));
  stops.push(async () => durations.stop());
  const admin = await startAdmin(options, node, hooks, listen, () => durations.take());
  stops.push(() => admin.stop());
  if (options.roles.size === 1) stops.push(await beHereAlone(options, node, hooks));
  return admin.url;
}

/** A node that is nothing else says itself that it is there. */
async function beHereAlone(
  { settings }: ServerOptions,
  node: NodeSelf,
  hooks: HookFolder,
): Promise<() => Promise<void>> {
  const store = await openStore(settings.database, { busyMs: STORE_BUSY_MS, connections: 1 });
  const leave = await beHere(new Presence(store.db, node), hooks, settings);
  return async () => {
    await leave();
    await store.close();
  };
}

/** One of all nodes asks GitHub, and the others read in the database what it was told. */
export function sharedAddresses(db: Database, { name }: NodeSelf, apiUrl: string): SharedAddresses {
  return {
    read: () => readAddresses(db, apiUrl),
    write: (copy) => keepAddresses(db, copy),
    takeTurn: (leaseMs) => takeSingleton(db, "addresses", name, { now: Date.now(), leaseMs }),
  };
}

function toSource(settings: SourceSettings, github: AddressList, secrets: LiveSecrets): Source {
  const { name, path, allowFrom, allowSha1, replayProtection, insecureNoSecret, maxBodyBytes } = settings;
  return {
    name,
    path,
    respondsOutcome: settings.respond === "outcome",
    allowList: new AllowList(allowFrom, github),
    allowSha1,
    holdReplays: replayProtection === "auto",
    insecureNoSecret,
    maxBodyBytes,
    secrets: () => secrets.of(name),
  };
}

async function logAccountProblems(
  { hooks }: HookFolder,
  { runsUser, file }: Settings,
  log: Log,
): Promise<void> {
  for (const problem of await accountProblems({ hooks, runsUser, settingsFile: file }, true))
    log.warn({ problem }, formatProblem(problem));
}

async function reloadHooks(hooks: HookFolder, log: Log, warnOfAccounts: () => Promise<void>): Promise<void> {
  if (!(await hooks.reload())) return;
  log.info({ hooks: hooks.hooks.map(({ name }) => name) }, "the hooks have changed");
  for (const problem of hooks.problems) log.warn({ problem }, formatProblem(problem));
  await warnOfAccounts();
}

/** Says that the node is there, until it is stopped. */
async function beHere(
  presence: Presence,
  hooks: HookFolder,
  { notifications }: Settings,
): Promise<() => Promise<void>> {
  const tell = () =>
    presence.tell(
      hooks,
      notifications.map(({ hook }) => hook),
    );
  // It is said again in a second.
  await tell().catch(() => {});
  const stopTelling = every(LOOK_EVERY_MS, tell);
  return async () => {
    await stopTelling();
    // A database that is gone finds out by itself.
    await presence.leave().catch(() => {});
  };
}

/** Payloads and secrets are private, whatever the umask. */
function prepareDataFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}
