/** Starts the worker's thread with what the settings say of it. */
import { hookContext } from "../config/hook-context.ts";
import { secretVariables } from "../config/secrets.ts";
import type { ToWorkerThread, WorkerThreadData } from "../run/worker-thread.ts";
import type { ServerOptions } from "../server.ts";
import type { NodeSelf } from "../store/nodes.ts";
import { startKeptThread } from "./kept-thread.ts";

const FILE = new URL("../run/worker-thread.ts", import.meta.url);

/** @returns what stops it, when its runs have ended or `stop-grace` is over. */
export function startWorker(
  { settings, environment, log, logForPeople }: ServerOptions,
  node: NodeSelf,
): () => Promise<void> {
  const { sources, vars } = hookContext(settings, environment);
  const data: WorkerThreadData = {
    node,
    database: settings.database,
    hooksFolder: settings.hooksFolder,
    dotEnvPath: environment.dotEnvPath,
    hookContext: { sources, vars },
    secretVariables: secretVariables(settings),
    concurrency: settings.workers,
    retention: settings.retention,
    githubApiUrl: settings.githubApiUrl,
    inheritEnv: settings.inheritEnv,
    notifications: settings.notifications,
    runsUser: settings.runsUser,
    forwarding: {
      allowPrivate: settings.allowPrivateForwards,
      dataFolder: settings.dataFolder,
      sources: settings.sources.map(({ name, secretNames }) => ({ name, secretNames })),
    },
    logLevel: settings.logLevel,
    logForPeople,
  };
  const thread = startKeptThread(FILE, "worker", log, () => data);
  const stop: ToWorkerThread = { stop: { graceMs: settings.stopGraceMs } };
  return () => thread.stop(stop);
}
