/**
 * The sets of hooks that have judged deliveries, each stored once. A delivery only refers to its set: matching is pure, so
 * its verdicts can be computed from the set and the body whenever somebody looks, also when the hooks are others by then.
 *
 * A set is removed when no delivery refers to it any more (`prune.ts`). A receiver remembers the number of the set that
 * judges now without asking again, so it may find it gone, and then stores it once more.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { HookSet } from "../config/hook-set.ts";
import type { Hook } from "../match/hook.ts";
import type { Database } from "./store.ts";
import { inTransaction } from "./transaction.ts";

/** Stores a set unless it is there already. Returns the number that deliveries refer to it by. */
export async function keepHookSet(
  db: Database,
  { digest, content }: Pick<HookSet, "digest" | "content">,
): Promise<number> {
  const row = { digest: Buffer.from(digest, "hex"), content: zstdCompressSync(content) };
  return inTransaction(db, async (tx) => {
    const known = await tx
      .selectFrom("hook_sets")
      .select("id")
      .where("digest", "=", row.digest)
      .executeTakeFirst();
    if (known) return known.id;
    const { id } = await tx.insertInto("hook_sets").values(row).returning("id").executeTakeFirstOrThrow();
    return id;
  });
}

/** The hooks that judged a delivery, as they were then. `undefined` where none did. */
export async function findJudges(db: Database, delivery: number): Promise<readonly Hook[] | undefined> {
  const row = await db
    .selectFrom("deliveries")
    .innerJoin("hook_sets", "hook_sets.id", "deliveries.hook_set_id")
    .select("content")
    .where("deliveries.id", "=", delivery)
    .executeTakeFirst();
  if (!row) return;
  const { hooks } = JSON.parse(zstdDecompressSync(row.content).toString()) as { hooks: readonly Hook[] };
  return hooks;
}
