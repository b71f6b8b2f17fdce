/**
 * The admin's thread, so that nothing that somebody looks at holds up the receiver. Its own store and its own listener. The
 * hooks it is told of by the main thread, which reads them anyway; that they are the ones at work is the point of showing
 * them.
 */
import { parentPort, workerData } from "node:worker_threads";
import { processEnvironment } from "../config/environment.ts";
import type { HookContext } from "../config/hook-context.ts";
import { hookSecrets } from "../config/hook-secrets.ts";
import { createLog, type LogLevel } from "../lib/log.ts";
import { openStore } from "../store/store.ts";
import { type AdminOptions, type Beat, openAdmin } from "./admin.ts";
import type { HooksSnapshot } from "./parts.ts";

export interface AdminThreadData extends Pick<AdminOptions, "node" | "listen" | "settings" | "hooks"> {
  database: string;
  dotEnvPath: string;
  /** Secrets are no plain data: the thread reads them itself. */
  hookContext: Omit<HookContext, "secrets">;
  secretVariables: readonly string[];
  logLevel: LogLevel;
  logForPeople: boolean;
}

export type ToAdminThread = { hooks: HooksSnapshot } | { beat: Beat } | { stop: true };

export type FromAdminThread = { url: string } | { cannotListen: { message: string; code: string } };

/** An admin can wait for a lock; nobody's delivery does. */
const STORE_BUSY_MS = 5_000;

const data = workerData as AdminThreadData;
const { node, listen, settings, hooks, hookContext } = data;
const log = await createLog(data.logLevel, data.logForPeople);
const store = await openStore(data.database, { maintainedElsewhere: true, busyMs: STORE_BUSY_MS, log });
const environment = processEnvironment(data.dotEnvPath);
const secrets = hookSecrets(environment, data.secretVariables);
const tell = (message: FromAdminThread) => parentPort?.postMessage(message);

try {
  const options = { node, listen, settings, hooks, store, environment, log };
  const admin = await openAdmin({ ...options, hookContext: { ...hookContext, secrets } });
  parentPort?.on("message", async (message: ToAdminThread) => {
    if ("hooks" in message) admin.setHooks(message.hooks);
    else if ("beat" in message) admin.beat(message.beat);
    else {
      await admin.close();
      await store.close();
      parentPort?.close();
    }
  });
  tell({ url: admin.url });
} catch (error) {
  await store.close();
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  tell({ cannotListen: { message, code } });
}
