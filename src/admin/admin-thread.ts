/**
 * The admin's thread, so that nothing that somebody looks at holds up the receiver. Its own store and its own listener. The
 * hooks it is told of by the main thread, which reads them anyway; that they are the ones at work is the point of showing
 * them.
 */
import { parentPort, workerData } from "node:worker_threads";
import { processEnvironment } from "../config/environment.ts";
import type { HookContext } from "../config/hook-context.ts";
import { hookSecrets } from "../config/hook-secrets.ts";
import type { Problem } from "../config/problem.ts";
import type { Listen } from "../config/settings-parts.ts";
import { createLog, type LogLevel } from "../lib/log.ts";
import type { Hook } from "../match/hook.ts";
import { listDisabledHooks } from "../store/disabled-hooks.ts";
import type { NodeSelf } from "../store/nodes.ts";
import { openStore } from "../store/store.ts";
import { openAdminToken } from "./admin-token.ts";
import { createApp } from "./app.ts";
import { listen } from "./listener.ts";
import type { AdminSettings, Today } from "./parts.ts";

export interface AdminThreadData {
  node: NodeSelf;
  database: string;
  /** Another one than in the settings where it has been started before: the port that it was given. */
  listen: Listen;
  settings: AdminSettings;
  dotEnvPath: string;
  /** Secrets are no plain data: the thread reads them itself. */
  hookContext: Omit<HookContext, "secrets">;
  secretVariables: readonly string[];
  hooks: HooksSnapshot;
  logLevel: LogLevel;
  logForPeople: boolean;
}

/** The hooks folder as it was read last. */
export interface HooksSnapshot {
  hooks: readonly Hook[];
  problems: readonly Problem[];
  /** Of all files; `undefined` while the folder is away. */
  names: readonly string[] | undefined;
}

export type ToAdminThread =
  | { hooks: HooksSnapshot }
  /** When the folder was read last, and how long accepts took since the last time that it was said. */
  | { beat: { hooksReadAt: number; acceptDurations: readonly number[] } }
  | { stop: true };

export type FromAdminThread = { url: string } | { cannotListen: { message: string; code: string } };

/** An admin can wait for a lock; nobody's delivery does. */
const STORE_BUSY_MS = 5_000;
const KEPT_DURATIONS = 10_000;

const data = workerData as AdminThreadData;
const log = await createLog(data.logLevel, data.logForPeople);
const store = await openStore(data.database, { maintainedElsewhere: true, busyMs: STORE_BUSY_MS, log });
const environment = processEnvironment(data.dotEnvPath);
let snapshot = data.hooks;
let hooksReadAt = Date.now();
let acceptDurations: number[] = [];

const app = createApp({
  store,
  settings: data.settings,
  environment,
  hookContext: { ...data.hookContext, secrets: hookSecrets(environment, data.secretVariables) },
  node: data.node,
  log,
  today,
  hooksReadAt: () => hooksReadAt,
  acceptDurations: () => acceptDurations,
  adminToken: openAdminToken(data.settings.dataFolder),
});

/** Which hooks are disabled stands in the store: whoever has just changed it sees it at once. */
async function today(): Promise<Today> {
  const { hooks, problems, names } = snapshot;
  const disabled = await listDisabledHooks(store.db);
  return {
    hooks: hooks.map((hook) => ({ ...hook, disabled: disabled.includes(hook.name) })),
    problems,
    path: data.settings.hooksFolder,
    has: (name) => names?.includes(name) ?? true,
  };
}

const port = parentPort;
if (!port) throw new Error("the admin is a thread");
const tell = (message: FromAdminThread) => port.postMessage(message);
const listener = await listen(data.listen, app.fetch).catch(async (error: NodeJS.ErrnoException) => {
  tell({ cannotListen: { message: error.message, code: error.code ?? "" } });
  await store.close();
  process.exit();
});

port.on("message", async (message: ToAdminThread) => {
  if ("hooks" in message) snapshot = message.hooks;
  else if ("beat" in message) {
    hooksReadAt = message.beat.hooksReadAt;
    acceptDurations = [...acceptDurations, ...message.beat.acceptDurations].slice(-KEPT_DURATIONS);
  } else {
    await listener.close();
    await store.close();
    port.close();
  }
});
tell({ url: listener.url });
