/** The worker's thread, so that nothing it does holds up the receiver. Its own store, hooks and spawner; no shared state. */
import { parentPort, workerData } from "node:worker_threads";
import { processEnvironment } from "../config/environment.ts";
import type { HookContext } from "../config/hook-context.ts";
import { HookFolder } from "../config/hook-folder.ts";
import { hookSecrets } from "../config/hook-secrets.ts";
import type { Notification } from "../config/notify-schema.ts";
import type { Retention } from "../config/retention-schema.ts";
import { readSecrets, type SecretSource } from "../config/secrets.ts";
import { createLog, type LogLevel } from "../lib/log.ts";
import type { NodeSelf } from "../store/nodes.ts";
import { openStore } from "../store/store.ts";
import { removeAbandonedFolders } from "./folder.ts";
import { FolderRemover } from "./folder-remover.ts";
import { handlerHooks } from "./handlers/hooks.ts";
import { HandlerPool } from "./handlers/pool.ts";
import { perform } from "./perform.ts";
import { Presence } from "./presence.ts";
import { Spawner } from "./spawner.ts";
import { Worker } from "./worker.ts";

export interface WorkerThreadData {
  node: NodeSelf;
  database: string;
  hooksFolder: string;
  /** The file of variables beside the settings. */
  dotEnvPath: string;
  /** Secrets are no plain data: the thread reads them itself. */
  hookContext: Omit<HookContext, "secrets">;
  secretVariables: readonly string[];
  concurrency: number;
  retention: Retention;
  githubApiUrl: string;
  inheritEnv: readonly string[];
  notifications: readonly Notification[];
  runsUser: string | undefined;
  forwarding: { allowPrivate: boolean; dataFolder: string; sources: readonly SecretSource[] };
  logLevel: LogLevel;
  logForPeople: boolean;
}

export type ToWorkerThread = { stop: { graceMs: number } };

const RELOAD_EVERY_MS = 1_000;
/** Much shorter than a lease: who cannot extend it in time has to know. */
const STORE_BUSY_MS = 5_000;
/** Handler processes that are kept warm: with few workers there can still be many hooks. */
const MIN_IDLE = 8;

const data = workerData as WorkerThreadData;
const log = await createLog(data.logLevel, data.logForPeople);
const store = await openStore(data.database, { maintainedElsewhere: true, busyMs: STORE_BUSY_MS, log });
const spawner = new Spawner();
const folders = new FolderRemover();
const handlers = new HandlerPool(spawner, {
  maxIdle: Math.max(data.concurrency, MIN_IDLE),
  user: data.runsUser,
});
const environment = processEnvironment(data.dotEnvPath);
const secrets = hookSecrets(environment, data.secretVariables);
const context = { ...data.hookContext, secrets };
const folder = new HookFolder(data.hooksFolder, context, [handlerHooks(handlers)]);
await folder.load();
removeAbandonedFolders();

const performing = {
  db: store.db,
  spawner,
  handlers,
  folders,
  secrets,
  githubApiUrl: data.githubApiUrl,
  inheritEnv: data.inheritEnv,
  runsUser: data.runsUser,
  forwarding: { allowPrivate: data.forwarding.allowPrivate, sourceSecrets },
};
const worker = new Worker({
  store,
  perform: (run, hook, stage) => perform(run, hook, { ...performing, ...stage }),
  hooks: folder,
  presence: new Presence(store.db, data.node),
  concurrency: data.concurrency,
  retention: data.retention,
  notifications: data.notifications,
  log,
});
// What is wrong with the files is the receiver's to say: it reads the same folder.
const reloading = setInterval(() => void folder.reload().catch(() => {}), RELOAD_EVERY_MS);
await worker.start();

/** Read anew for each attempt, as they can change while the server runs. */
function sourceSecrets(name: string) {
  const source = data.forwarding.sources.find((other) => other.name === name);
  return source ? readSecrets(data.forwarding, source, environment).secrets : [];
}

parentPort?.on("message", async ({ stop }: ToWorkerThread) => {
  clearInterval(reloading);
  await worker.stop(stop.graceMs);
  await folders.close();
  await handlers.close();
  await spawner.close();
  await store.close();
  parentPort?.close();
});
