/**
 * What only one node at a time is to do. Whoever does it holds a lease in the database and extends it; when it dies, another
 * one takes the lease over once that has ended. A row, not a session's lock: decision 19.
 */
import type { Database } from "./store.ts";

/**
 * `prune`: removing what is old. `addresses`: asking GitHub for its addresses. `ready`: each node's own, which it takes to
 * see whether it can write.
 */
export type Singleton = "prune" | "addresses" | "ready";

/**
 * Takes the lease, or extends it for whoever has it. Of several that take it at once one gets it.
 *
 * @param node the name of the node that is to have it.
 * @param lease until when, from `now` on its clock, in milliseconds.
 * @returns whether the node has it.
 */
export async function takeSingleton(
  db: Database,
  name: Singleton,
  node: string,
  { now, leaseMs }: { now: number; leaseMs: number },
): Promise<boolean> {
  const lease = { node, lease_until: now + leaseMs };
  // One statement: whoever waits for another's sees its outcome.
  const taken = await db
    .insertInto("singletons")
    .values({ name, ...lease })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet(lease)
        .where((eb) => eb.or([eb("singletons.lease_until", "<=", now), eb("singletons.node", "=", node)])),
    )
    .returning("name")
    .execute();
  return taken.length > 0;
}

/** Gives the lease back, so that nobody has to wait for its end. Nothing happens when another node has it. */
export async function releaseSingleton(db: Database, name: Singleton, node: string): Promise<void> {
  await db.deleteFrom("singletons").where("name", "=", name).where("node", "=", node).execute();
}
