/** Starts the admin's thread, and keeps it told of the hooks and of how long accepts take. */

import type { AdminThreadData, FromAdminThread, ToAdminThread } from "../admin/admin-thread.ts";
import type { HooksSnapshot } from "../admin/parts.ts";
import { hookContext } from "../config/hook-context.ts";
import type { HookFolder } from "../config/hook-folder.ts";
import { secretVariables } from "../config/secrets.ts";
import type { Listen } from "../config/settings-parts.ts";
import { every } from "../lib/every.ts";
import type { ServerOptions } from "../server.ts";
import type { NodeSelf } from "../store/nodes.ts";
import { startKeptThread } from "./kept-thread.ts";

const FILE = new URL("../admin/admin-thread.ts", import.meta.url);
const BEAT_EVERY_MS = 1_000;

export interface RunningAdmin {
  /** Where it can be reached on this machine. */
  url: string;
  stop(): Promise<void>;
}

/**
 * @param takeDurations how long accepts took since it was asked last, in milliseconds.
 * @throws when the address cannot be listened on.
 */
export async function startAdmin(
  { settings, environment, log, logForPeople }: ServerOptions,
  node: NodeSelf,
  hooks: HookFolder,
  address: Listen,
  takeDurations: () => readonly number[],
): Promise<RunningAdmin> {
  const { sources, vars } = hookContext(settings, environment);
  const { promise: listening, resolve, reject } = Promise.withResolvers<string>();
  let listen = address;
  const dataOf = (): AdminThreadData => ({
    node,
    database: settings.database,
    listen,
    settings,
    dotEnvPath: environment.dotEnvPath,
    hookContext: { sources, vars },
    secretVariables: secretVariables(settings),
    hooks: snapshotOf(hooks),
    logLevel: settings.logLevel,
    logForPeople,
  });
  const thread = startKeptThread(FILE, "admin", log, dataOf, (heard) => {
    const message = heard as FromAdminThread;
    if ("cannotListen" in message) {
      const { message: text, code } = message.cannotListen;
      return reject(Object.assign(new Error(text), { code, isOfAdmin: true }));
    }
    // When it is started again, it is found where it was.
    if ("port" in listen) listen = { ...listen, port: Number(new URL(message.url).port) };
    resolve(message.url);
  });
  const tell = (message: ToAdminThread) => thread.tell(message);
  let told = hooks.set;
  let toldProblems = hooks.problems;
  const stopBeat = every(BEAT_EVERY_MS, async () => {
    if (hooks.set !== told || hooks.problems !== toldProblems) tell({ hooks: snapshotOf(hooks) });
    told = hooks.set;
    toldProblems = hooks.problems;
    tell({ beat: { hooksReadAt: hooks.readAt, acceptDurations: takeDurations() } });
  });
  const stop = async () => {
    await stopBeat();
    await thread.stop({ stop: true } satisfies ToAdminThread);
  };
  try {
    return { url: await listening, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function snapshotOf({ hooks, problems, names }: HookFolder): HooksSnapshot {
  return { hooks, problems, names };
}
