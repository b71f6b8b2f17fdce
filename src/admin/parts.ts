/** What the admin API is made of: given to every group of routes by whoever starts it. */
import type { HttpBindings } from "@hono/node-server";
import type { Environment } from "../config/environment.ts";
import type { HookContext } from "../config/hook-context.ts";
import type { HookFolder } from "../config/hook-folder.ts";
import type { Settings } from "../config/settings.ts";
import type { NodeSelf } from "../store/nodes.ts";
import type { Store } from "../store/store.ts";
import type { AdminRole } from "../store/tables.ts";
import type { Changes } from "./changes.ts";
import type { LiveOutput } from "./live-output.ts";
import type { Metrics } from "./metrics.ts";
import type { Streams } from "./streams.ts";

/** Those of the settings that it needs. */
export type AdminSettings = Pick<
  Settings,
  | "admin"
  | "publicUrl"
  | "dataFolder"
  | "hooksFolder"
  | "sources"
  | "githubApiUrl"
  | "maxQueued"
  | "trustProxy"
  | "inheritEnv"
  | "minFreeDiskBytes"
>;

/** The hooks as they are loaded, and which of them are disabled. */
export type Today = Pick<HookFolder, "hooks" | "problems" | "path" | "has">;

/** The hooks folder as it was read last. */
export interface HooksSnapshot extends Pick<HookFolder, "hooks" | "problems"> {
  /** Of all files; `undefined` while the folder is away. */
  names: readonly string[] | undefined;
}

export interface AdminLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AdminParts {
  store: Store;
  settings: AdminSettings;
  environment: Environment;
  hookContext: HookContext;
  node: NodeSelf;
  log: AdminLog;
  today(): Promise<Today>;
  /** When the hooks folder was read last, in epoch milliseconds. */
  hooksReadAt(): number;
  /** Durations of accepts on this node, in milliseconds; empty without a receiver. */
  acceptDurations(): readonly number[];
  /** Of this server: whoever can read its file may do everything. */
  adminToken(): string;
  streams: Streams;
  changes: Changes;
  liveOutput: LiveOutput;
  metrics: Metrics;
}

/** Who has sent a request. */
export interface Who {
  /** For the record. */
  name: string;
  role: AdminRole;
  by: "session" | "token" | "admin token" | "proxy";
  sessionId: number | null;
  tokenId: number | null;
  /** Epoch milliseconds; `null` where it has no end. */
  expiresAt: number | null;
}

export interface AdminEnv {
  Bindings: HttpBindings;
  Variables: { who: Who };
}
