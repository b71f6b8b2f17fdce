/** The admin, put together: the application on its listener, and the looks that its streams live from. */

import type { Listen } from "../config/settings-parts.ts";
import { every } from "../lib/every.ts";
import { listDisabledHooks } from "../store/disabled-hooks.ts";
import type { Store } from "../store/store.ts";
import { openAdminToken } from "./admin-token.ts";
import { createApp } from "./app.ts";
import { Changes } from "./changes.ts";
import { listen } from "./listener.ts";
import { LiveOutput } from "./live-output.ts";
import { Metrics } from "./metrics.ts";
import type { AdminParts, HooksSnapshot } from "./parts.ts";
import { Streams } from "./streams.ts";

export interface AdminOptions
  extends Pick<AdminParts, "settings" | "environment" | "hookContext" | "node" | "log"> {
  store: Store;
  /** Another one than in the settings where it has been started before: the port that it was given. */
  listen: Listen;
  hooks: HooksSnapshot;
}

export interface Admin {
  /** What its routes are made of. */
  parts: AdminParts;
  /** Where it can be reached on this machine. */
  url: string;
  /** Says that the hooks, or their files, are others now. */
  setHooks(hooks: HooksSnapshot): void;
  /** Says that the server lives: when its hooks were read last, and how long accepts took since it said so last. */
  beat(beat: Beat): void;
  /** Ends the streams that are open, too. The store stays open. */
  close(): Promise<void>;
}

export interface Beat {
  /** Epoch milliseconds. */
  hooksReadAt: number;
  /** Milliseconds. */
  acceptDurations: readonly number[];
}

const LOOK_EVERY_MS = 250;
const CHECK_EVERY_MS = 1_000;
const KEPT_DURATIONS = 10_000;

/** @throws when the address cannot be listened on. */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const { store, settings, environment, hookContext, node, log } = options;
  const changes = new Changes(store);
  const liveOutput = new LiveOutput(store.db);
  const streams = new Streams(store.db);
  let { hooks: snapshot } = options;
  let hooksReadAt = Date.now();
  let durations: readonly number[] = [];
  const today = () => withDisabled(store, snapshot, settings.hooksFolder);
  const metrics = new Metrics({ store, settings, today, version: node.version });
  await metrics.start();
  const parts: AdminParts = {
    ...{ store, settings, environment, hookContext, node, log, streams, changes, liveOutput },
    ...{ metrics, today },
    hooksReadAt: () => hooksReadAt,
    acceptDurations: () => durations,
    adminToken: openAdminToken(settings.dataFolder),
  };
  const listener = await listen(options.listen, createApp(parts).fetch);
  const looks = [
    every(LOOK_EVERY_MS, () => changes.look()),
    every(LOOK_EVERY_MS, () => liveOutput.look()),
    every(CHECK_EVERY_MS, () => streams.endForbidden(Date.now())),
  ];
  return {
    parts,
    url: listener.url,
    setHooks(hooks) {
      snapshot = hooks;
      changes.hooksChanged();
    },
    beat(beat) {
      hooksReadAt = beat.hooksReadAt;
      metrics.observeAccepts(beat.acceptDurations);
      durations = [...durations, ...beat.acceptDurations].slice(-KEPT_DURATIONS);
    },
    async close() {
      streams.close();
      for (const stop of looks) await stop();
      await listener.close();
    },
  };
}

/** Which hooks are disabled stands in the store: whoever has just changed it sees it at once. */
async function withDisabled({ db }: Store, { hooks, problems, names }: HooksSnapshot, path: string) {
  const disabled = await listDisabledHooks(db);
  return {
    hooks: hooks.map((hook) => ({ ...hook, disabled: disabled.includes(hook.name) })),
    problems,
    path,
    has: (name: string) => names?.includes(name) ?? true,
  };
}
