/**
 * Fills a store with many deliveries that have one run each, all at their end: as accepting and performing them would leave
 * it, but by few statements. The first group is accepted like any other, and its bodies are the bodies of all.
 */
import { hash, randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { acceptGroup, type PackedArrival } from "../src/store/accept.ts";
import { pack } from "../src/store/packing.ts";
import { openStore, type Store } from "../src/store/store.ts";

export const HOOKS = Array.from({ length: 20 }, (_, index) => `hook-${index}`);

const GROUP = 64;
const CHUNK = 64_000;
/** As `seen-bodies.ts` keeps them. */
const DIGEST_BYTES = 8;
const PATIENCE_MS = 600_000;

/** Accepts deliveries with a queued run each, in groups. */
export async function accept(store: Store, count: number): Promise<void> {
  for (let stored = 0; stored < count; stored += GROUP) {
    const contents = Array.from({ length: Math.min(GROUP, count - stored) }, () => ({
      headers: [["content-type", "application/json"]] as const,
      body: Buffer.from(JSON.stringify({ unique: randomUUID(), padding: "x".repeat(2_000) })),
    }));
    const packed = pack(store.dictionary, contents);
    const arrivals = contents.map(({ body }, index) => arrivalOf(body, stored + index, packed, index));
    await acceptGroup(store.db, arrivals);
  }
}

export async function endAll({ db }: Store): Promise<void> {
  await db
    .updateTable("runs")
    .set({ status: "succeeded", finished_at: 1 })
    .where("status", "=", "queued")
    .execute();
}

/**
 * @param database as `openStore` takes it.
 * @param receivedAt epoch milliseconds.
 * @returns the bytes that each delivery takes.
 */
export async function fill(database: string, count: number, receivedAt = Date.now()): Promise<number> {
  const store = await openStore(database, { busyMs: PATIENCE_MS });
  try {
    await accept(store, GROUP);
    await endAll(store);
    const before = (await store.size()).totalBytes;
    for (let stored = 0; stored < count; stored += CHUNK)
      await fillSome(store, Math.min(CHUNK, count - stored), receivedAt);
    store.maintain();
    return Math.round(((await store.size()).totalBytes - before) / count);
  } finally {
    await store.close();
  }
}

async function fillSome(store: Store, count: number, receivedAt: number): Promise<void> {
  const { db, isRemote } = store;
  const { delivery, body } = await db
    .selectFrom("deliveries")
    .innerJoin("packs", "packs.id", "pack_id")
    .select(({ fn }) => [fn.max("deliveries.id").as("delivery"), fn.min("packs.id").as("body")])
    .executeTakeFirstOrThrow();
  const { last } = await db
    .selectFrom("packs")
    .select(({ fn }) => fn.max("id").as("last"))
    .executeTakeFirstOrThrow();
  const numbers = sql`with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ${sql.lit(count)})`;
  // In the order of time, as GitHub's are stored.
  const number = sql`${sql.lit(delivery)} + n`;
  const guid = isRemote
    ? sql`decode(lpad(to_hex(${number}), 32, '0'), 'hex')`
    : sql`unhex(printf('%032x', ${number}))`;
  await db.transaction().execute(async (tx) => {
    // What the rows refer to is there.
    if (isRemote) await sql`set local session_replication_role = replica`.execute(tx);
    await sql`insert into packs (id, dictionary, bytes)
      ${numbers} select ${sql.lit(last)} + n, dictionary, bytes from numbers cross join packs
      where packs.id = ${sql.lit(body)} and n between 1 and ${sql.lit(Math.ceil(count / GROUP))}`.execute(tx);
    await sql`insert into deliveries
      (id, source, webhook_id, guid, event, repository, ref, sha, sender, received_at, client, secret, size, pack_id, pack_index)
      ${numbers} select ${sql.lit(delivery)} + 1 + n, 'github', 1, ${guid}, 'push', 'acme/' || (n % 500), 'refs/heads/main',
        '0123456789012345678901234567890123456789', 'alice', ${sql.lit(receivedAt)}, '140.82.112.1', 'only', 2048,
        ${sql.lit(last)} + 1 + n / ${sql.lit(GROUP)}, n % ${sql.lit(GROUP)} from numbers`.execute(tx);
    await tx
      .insertInto("bodies_seen")
      .values({ source: "github", secret: "only", digests: randomBytes(count * DIGEST_BYTES) })
      .execute();
    await sql`insert into runs (delivery_id, hook, status, queued_at, due_at)
      ${numbers} select ${sql.lit(delivery)} + 1 + n, 'hook-' || (n % ${sql.lit(HOOKS.length)}), 'queued',
        ${sql.lit(receivedAt)}, ${sql.lit(receivedAt)} from numbers`.execute(tx);
    for (const table of ["packs", "deliveries"])
      if (isRemote)
        await sql`select setval(pg_get_serial_sequence(${table}, 'id'), max(id)) from ${sql.table(table)}`.execute(
          tx,
        );
  });
  const claimed = {
    status: "running",
    attempt: 1,
    started_at: receivedAt,
    worker: "w",
    lease_until: 1,
  } as const;
  const ended = { status: "succeeded", finished_at: receivedAt, worker: null, lease_until: null } as const;
  for (const state of [claimed, ended])
    await db.updateTable("runs").set(state).where("delivery_id", ">", delivery).execute();
}

function arrivalOf(body: Buffer, n: number, packed: PackedArrival["pack"], packIndex: number): PackedArrival {
  const hook = HOOKS[n % HOOKS.length] ?? "";
  return {
    source: "github",
    webhookId: 1,
    guid: randomUUID(),
    event: "push",
    action: null,
    repository: `acme/${n % 500}`,
    ref: "refs/heads/main",
    sha: hash("sha1", String(n)),
    sender: "alice",
    receivedAt: Date.now(),
    client: "140.82.112.1",
    secret: "only",
    size: body.length,
    hooks: [hook],
    loadedHooks: [hook],
    holdReplays: false,
    pack: packed,
    packIndex,
    digest: hash("sha256", body, "buffer"),
  };
}
