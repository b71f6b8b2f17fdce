/** A worker with a real store and a real spawner in this process, for tests of what runs do. */
import { join } from "node:path";
import { HookFolder } from "../../src/config/hook-folder.ts";
import { hookSecrets } from "../../src/config/hook-secrets.ts";
import type { Notification } from "../../src/config/notify-schema.ts";
import type { Retention } from "../../src/config/retention-schema.ts";
import type { Hook, Script } from "../../src/match/hook.ts";
import { FolderRemover } from "../../src/run/folder-remover.ts";
import type { Forwarding } from "../../src/run/forward/forward.ts";
import { HandlerPool } from "../../src/run/handlers/pool.ts";
import { perform } from "../../src/run/perform.ts";
import { Presence } from "../../src/run/presence.ts";
import { Spawner } from "../../src/run/spawner.ts";
import { Worker } from "../../src/run/worker.ts";
import { newWorkerName } from "../../src/run/worker-name.ts";
import type { Acceptance } from "../../src/store/accept.ts";
import type { NodeSelf } from "../../src/store/nodes.ts";
import { readOutput } from "../../src/store/output.ts";
import { findRun, type Run } from "../../src/store/runs.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type StoredOptions, storeDelivery } from "./store-delivery.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";
import { until } from "./until.ts";

export interface TestWorker {
  /** Its path, for another one. */
  database: string;
  /** As somebody else has it open, such as the receiver. */
  store: Store;
  spawner: Spawner;
  handlers: HandlerPool;
  worker: Worker;
  /** The hooks as loaded; a test adds its own. */
  hooks: Hook[];
  /** Hooks whose file is there, though they are not loaded. */
  files: Set<string>;
  log: { level: string; fields: Record<string, unknown>; message: string }[];
  /** Adds a hook with this command, unlike any other, and returns its name. */
  hook(command: TestCommand, more?: Partial<Hook>): string;
  /** Stores a delivery for a new hook with this command and waits for the end of its run. */
  run(command: TestCommand, delivery?: StoredOptions): Promise<EndedRun>;
  /** Stores a delivery for the hooks that it names. */
  accept(delivery: StoredOptions): Promise<Acceptance>;
  /** Stores a delivery for a hook; the number of its run. */
  start(hook: string, delivery?: StoredOptions): Promise<number>;
  ended(run: number): Promise<EndedRun>;
  find(run: number): Promise<Run>;
  /** What a run has printed so far on one stream, or on all of them. */
  output(run: number, stream?: string): Promise<string>;
}

/** A script, or a command with more to it. */
export type TestCommand = string | (Partial<Script> & { script: string });

export interface EndedRun extends Run {
  stdout: string;
  stderr: string;
}

export interface WorkerOptions {
  concurrency?: number;
  /** Without it everything is kept. */
  retention?: Retention;
  /** What hooks can read as `secrets`, by the name of the variable. */
  secrets?: Readonly<Record<string, string>>;
  githubApiUrl?: string;
  /** None unless it is given. */
  inheritEnv?: readonly string[];
  /** The setting `runs.user`. */
  runsUser?: string;
  forwarding?: Partial<Forwarding>;
  /** Nobody is told unless it is given. */
  notifications?: readonly Notification[];
  /** A database that is there already. */
  database?: string;
  /** Milliseconds until the worker gives a database up that does not answer. */
  busyMs?: number;
  /** What is not as of a node that only works, on this machine. */
  node?: Partial<NodeSelf>;
  /** Whether a test starts it by itself. */
  isIdle?: boolean;
}

export async function startWorker(t: Scope, options: WorkerOptions = {}): Promise<TestWorker> {
  const database = options.database ?? join(temporaryFolder(t), "longshore.db");
  const store = await openStore(database);
  const own = await openStore(database, { maintainedElsewhere: true, busyMs: options.busyMs });
  const spawner = new Spawner();
  const handlers = new HandlerPool(spawner, { maxIdle: 8, user: options.runsUser });
  const folders = new FolderRemover();
  const hooks: Hook[] = [];
  const files = new Set<string>();
  let nextHook = 1;
  const log: TestWorker["log"] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields: { ...fields }, message });
  const performing = {
    db: own.db,
    spawner,
    handlers,
    folders,
    secrets: hookSecrets({ get: (name) => options.secrets?.[name] }, []),
    githubApiUrl: options.githubApiUrl ?? "https://api.github.com",
    inheritEnv: options.inheritEnv ?? [],
    runsUser: options.runsUser,
    forwarding: { allowPrivate: true, sourceSecrets: () => [], ...options.forwarding },
  };
  const worker = new Worker({
    store: own,
    perform: (run, hook, stage) => perform(run, hook, { ...performing, ...stage }),
    hooks: {
      hooks,
      get readAt() {
        return Date.now();
      },
      get names() {
        return [...files, ...hooks.map(({ name }) => name)];
      },
      has: (name) => files.has(name) || hooks.some((hook) => hook.name === name),
      whyGone: HookFolder.prototype.whyGone,
    },
    presence: new Presence(own.db, testNode(options.node)),
    concurrency: options.concurrency ?? 4,
    retention: options.retention ?? { ageMs: null, sizeBytes: null },
    notifications: options.notifications ?? [],
    log: { info: write("info"), warn: write("warn"), error: write("error") },
  });
  t.after(async () => {
    await worker.stop(0);
    await folders.close();
    await handlers.close();
    await spawner.close();
    await own.close();
    await store.close();
  });
  if (!options.isIdle) await worker.start();

  const work: TestWorker = {
    database,
    store,
    spawner,
    handlers,
    worker,
    hooks,
    files,
    log,
    hook(command, more = {}) {
      const name = `hook-${nextHook++}`;
      hooks.push({ name, file: `${name}.yml`, on: [{ event: "push" }], work: toWork(command), ...more });
      return name;
    },
    async run(command, delivery) {
      return work.ended(await work.start(work.hook(command), delivery));
    },
    accept: (delivery) => storeDelivery(store, delivery),
    async start(hook, delivery = {}) {
      const { runs } = await work.accept({ ...delivery, hooks: [hook] });
      return runs[0] ?? 0;
    },
    async ended(id) {
      const run = await until(`run ${id} has ended`, async () => {
        const found = await work.find(id);
        return found.finishedAt !== null && found;
      });
      return { ...run, stdout: await work.output(id, "stdout"), stderr: await work.output(id, "stderr") };
    },
    async find(id) {
      const run = await findRun(store.db, id);
      if (!run) throw new Error(`there is no run ${id}`);
      return run;
    },
    async output(id, stream) {
      const { attempt } = await work.find(id);
      const pieces = await readOutput(store.db, id, attempt);
      const wanted = pieces.filter((piece) => stream === undefined || piece.stream === stream);
      return Buffer.concat(wanted.map(({ bytes }) => bytes)).toString();
    },
  };
  return work;
}

function toWork(command: TestCommand): Script {
  const changes = typeof command === "string" ? { script: command } : command;
  return { kind: "script", env: {}, timeoutMs: 60_000, ...changes };
}

/** A node that only works, in this process, with these changes. */
export function testNode(changes: Partial<NodeSelf> = {}): NodeSelf {
  return {
    name: newWorkerName(),
    roles: ["worker"],
    version: "1.0.0",
    hooksFolder: "/hooks",
    startedAt: Date.now(),
    ...changes,
  };
}
