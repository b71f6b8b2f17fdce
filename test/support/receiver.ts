/** A receiver with a real store in this process, for tests of what it answers and stores. */
import { join } from "node:path";
import { type HookSet, toHookSet } from "../../src/config/hook-set.ts";
import { type LoadedSettings, loadSettings } from "../../src/config/settings.ts";
import { Ranges } from "../../src/lib/ranges.ts";
import type { Hook } from "../../src/match/hook.ts";
import { AllowList, ClientFinder, type KnownAddresses } from "../../src/receive/client.ts";
import { Examiner } from "../../src/receive/examine.ts";
import { listen, type PublicListener } from "../../src/receive/listener.ts";
import { Outcomes, type OutcomesOptions } from "../../src/receive/outcomes.ts";
import type { Source } from "../../src/receive/receiver.ts";
import { DeliveryWriter, type WriterOptions } from "../../src/store/delivery-writer.ts";
import { type Database, openStore } from "../../src/store/store.ts";
import { type DeliveryOptions, delivery, SECRET } from "./github.ts";
import { type Answer, fetchRaw, type Outgoing } from "./http.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";

export interface TestReceiver {
  url: string;
  db: Database;
  database: string;
  /** What was logged: the fields and the message. */
  log: { level: string; fields: Record<string, unknown>; message: string }[];
  /** The hooks as loaded; a test that changes them puts another list in their place. */
  hooks: readonly Hook[];
  /** What happens when a secret is no longer live: the bodies that only it has verified are forgotten. */
  forgetBodies(source: string, liveSecrets: string[]): void;
  /** Takes no new requests, and answers those under way. */
  close(): Promise<void>;
  /** Sends a delivery, or with `Outgoing` whatever it is. */
  send(what?: DeliveryOptions | Outgoing): Promise<Answer>;
}

export interface ReceiverOptions {
  /** Changes to the source `github`. */
  source?: Partial<Omit<Source, "allowList">> & { allowFrom?: string[] };
  /** Further sources. */
  sources?: (Partial<Omit<Source, "allowList">> & { name: string; allowFrom?: string[] })[];
  secrets?: { name: string; value: string }[];
  /** Ranges that count as GitHub's. */
  github?: string[];
  /** The list itself, where a test is about how it changes. */
  knownAddresses?: KnownAddresses;
  trustProxy?: string[];
  trustProxyIsExplicit?: boolean;
  trustProxyHops?: number;
  hooks?: Hook[];
  maxInflightBytes?: number;
  requestTimeoutMs?: number;
  writer?: Partial<WriterOptions>;
  outcomes?: OutcomesOptions;
  socketPath?: string;
}

/** The ranges that play GitHub in tests. */
export const GITHUB_RANGES = ["140.82.112.0/20", "2a0a:a440::/29"];

/** A hook that runs on pushes. */
export function pushHook(name = "deploy", changes: Partial<Hook> = {}): Hook {
  const work = { kind: "script" as const, script: "true", env: {}, timeoutMs: 60_000 };
  return { name, file: `${name}.yml`, on: [{ event: "push" }], work, ...changes };
}

export async function startReceiver(t: Scope, options: ReceiverOptions = {}): Promise<TestReceiver> {
  const database = join(temporaryFolder(t), "longshore.db");
  const log: TestReceiver["log"] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields: { ...fields }, message });
  const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const writer = await DeliveryWriter.open(
    {
      database,
      minFreeDiskBytes: 0,
      maxQueued: 10_000,
      maintainedElsewhere: false,
      busyMs: 300,
      ...options.writer,
    },
    logger,
  );
  const store = await openStore(database);
  const examiner = new Examiner(writer.dictionary);
  const github = options.knownAddresses ?? new Ranges(options.github ?? GITHUB_RANGES);
  const secrets = options.secrets ?? [{ name: "only", value: SECRET }];
  const toSource = (changes: ReceiverOptions["source"] & { name: string }): Source => ({
    path: `/${changes.name}`,
    allowSha1: false,
    holdReplays: true,
    insecureNoSecret: false,
    respondsOutcome: false,
    maxBodyBytes: 25 * 1024 ** 2,
    secrets: () => secrets,
    ...changes,
    allowList: new AllowList(changes.allowFrom ?? ["github", "loopback"], github),
  });
  let listener: PublicListener | undefined;
  const close = async () => listener?.close();
  t.after(async () => {
    await close();
    await examiner.close();
    await writer.close();
    await store.close();
  });
  listener = await listen(
    options.socketPath ? { path: options.socketPath } : { host: "127.0.0.1", port: 0 },
    {
      sources: [toSource({ name: "github", ...options.source }), ...(options.sources ?? []).map(toSource)],
      clients: new ClientFinder({
        proxies: options.trustProxy ?? ["loopback"],
        isExplicit: options.trustProxyIsExplicit ?? false,
        hops: options.trustProxyHops ?? 1,
      }),
      github,
      examiner,
      hooks: () => hookSetOf(receiver.hooks),
      store: writer,
      outcomes: new Outcomes(store.db, options.outcomes),
      log: logger,
      maxInflightBytes: options.maxInflightBytes ?? 256 * 1024 ** 2,
    },
    options.requestTimeoutMs,
  );
  const { url } = listener;
  const send = (what: DeliveryOptions | Outgoing = {}) =>
    fetchRaw(url, "method" in what ? (what as Outgoing) : delivery(what as DeliveryOptions));
  const receiver: TestReceiver = {
    url,
    db: store.db,
    database,
    log,
    hooks: options.hooks ?? [pushHook()],
    forgetBodies: writer.forgetBodies.bind(writer),
    close,
    send,
  };
  return receiver;
}

const sets = new WeakMap<readonly Hook[], HookSet>();

/** The same set for the same list, as the hooks folder has it. */
function hookSetOf(hooks: readonly Hook[]): HookSet {
  const set = sets.get(hooks) ?? toHookSet(hooks);
  sets.set(hooks, set);
  return set;
}

/** Settings as a file in `folder` would give them. */
export function settingsIn(folder: string, variables: NodeJS.ProcessEnv = {}): LoadedSettings {
  return loadSettings({
    LONGSHORE_DATA: join(folder, "data"),
    LONGSHORE_HOOKS: join(folder, "hooks"),
    ...variables,
  });
}
