/** A store in a folder of its own, and deliveries to put into it. */
import { hash, randomUUID } from "node:crypto";
import { type Acceptance, acceptGroup, type PackedArrival } from "../../src/store/accept.ts";
import { type HeaderList, pack } from "../../src/store/packing.ts";
import { type ClaimedRun, claimRuns } from "../../src/store/run-queue.ts";
import { type Database, openStore, type Store, type StoreOptions } from "../../src/store/store.ts";
import { emptyDatabase } from "./database.ts";
import type { Scope } from "./temporary.ts";
import { until } from "./until.ts";

export interface ArrivalChanges extends Partial<Omit<PackedArrival, "digest">> {
  /** Unlike any other, unless it is given. */
  body?: string | Uint8Array;
  headers?: HeaderList;
}

export interface TestStore extends Store {
  /** The database as in the settings: its path, or its URL. */
  path: string;
  /** An arrival with these changes; without any a push that no hook is for. */
  arrival(changes?: ArrivalChanges): PackedArrival;
  /** Accepts one delivery. */
  accept(changes?: ArrivalChanges): Promise<Acceptance>;
  /** Accepts one delivery that starts one run of `hook`, and returns the run's id. */
  queueRun(hook?: string, changes?: ArrivalChanges): Promise<number>;
  /** Claims runs at the time `now` for the worker `w1`. */
  claim(options?: Partial<Parameters<typeof claimRuns>[1]>): Promise<ClaimedRun[]>;
}

export async function openTestStore(t: Scope, options: StoreOptions = {}): Promise<TestStore> {
  return testStoreAt(t, await emptyDatabase(t), options);
}

/** @param path the database as in the settings. */
export async function testStoreAt(t: Scope, path: string, options: StoreOptions = {}): Promise<TestStore> {
  const store = await openStore(path, options);
  t.after(() => store.close());
  const arrival = (changes: ArrivalChanges = {}) => arrivalFor(store, changes);
  const accept = async (changes: ArrivalChanges = {}) => {
    const [acceptance] = await acceptGroup(store.db, [arrival(changes)]);
    if (!acceptance) throw new Error("nothing came of the delivery");
    return acceptance;
  };
  return {
    ...store,
    path,
    arrival,
    accept,
    async queueRun(hook = "deploy", changes = {}) {
      const { runs } = await accept({ hooks: [hook], loadedHooks: [hook], ...changes });
      if (runs[0] === undefined) throw new Error("no run was started");
      return runs[0];
    },
    claim: (claim = {}) =>
      claimRuns(store.db, {
        worker: "w1",
        hooks: ["deploy"],
        limit: 10,
        now: 1_000,
        leaseMs: 15_000,
        ...claim,
      }),
  };
}

/** An arrival with these changes; without any a push that no hook is for. */
export function arrivalFor(
  { dictionary }: Store,
  { body = randomUUID(), headers = [], ...changes }: ArrivalChanges = {},
): PackedArrival {
  const bytes = Buffer.from(body);
  return {
    source: "github",
    webhookId: 1001,
    guid: randomUUID(),
    event: "push",
    action: null,
    repository: "acme/site",
    ref: "refs/heads/main",
    sha: "a".repeat(40),
    sender: "alice",
    receivedAt: 1_000,
    client: "140.82.112.1",
    secret: "only",
    size: bytes.length,
    hooks: [],
    loadedHooks: changes.hooks ?? [],
    holdReplays: true,
    pack: pack(dictionary, [{ headers, body: bytes }]),
    packIndex: 0,
    digest: hash("sha256", bytes, "buffer"),
    ...changes,
  };
}

/** How many rows a table has. */
export async function count(db: Database, table: "deliveries" | "packs" | "runs" | "bodies_seen" | "output") {
  const rows = await db.selectFrom(table).select(db.fn.countAll<number>().as("rows")).execute();
  return rows[0]?.rows;
}

/** How many bodies are remembered as seen. */
export async function countBodies(db: Database): Promise<number> {
  const rows = await db.selectFrom("bodies_seen").select("digests").execute();
  return rows.reduce((sum, { digests }) => sum + digests.length / 8, 0);
}

/** Waits until a store on PostgreSQL listens, and has nothing to say any more. */
export async function hasHeardEverything(store: Store): Promise<void> {
  await until("it listens", () => store.hasChanged());
  let quiet = 0;
  await until("it has nothing to say", () => {
    quiet = store.hasChanged() ? 0 : quiet + 1;
    return quiet > 50;
  });
}
