/** What the store knows of secrets: when each was last used, and which bodies it vouched for. Never a secret itself. */
import { execute, keyOf } from "./rows.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";

interface Verified {
  source: string;
  /** The secret that vouches for it; `null` where the source has none. */
  secret: string | null;
  receivedAt: number;
}

interface Body {
  source: string;
  secret: string | null;
  /** SHA-256. */
  digest: Uint8Array;
}

/** When each secret of a source last verified a delivery: epoch milliseconds by the secret's name. */
export async function secretUses(db: Database, source: string): Promise<Map<string, number>> {
  const rows = await db.selectFrom("secret_uses").selectAll().where("source", "=", source).execute();
  return new Map(rows.map(({ secret, last_used_at }) => [secret, last_used_at]));
}

/** Nobody waits long for a statement of this many. */
const FORGET_AT_ONCE = 1_000;

/** Forgets the bodies that only secrets other than these have verified. */
export async function forgetBodies(
  db: Database,
  source: string,
  liveSecrets: readonly string[],
): Promise<void> {
  for (let isMore = true; isMore; ) {
    let gone = db
      .selectFrom("bodies_seen")
      .select(["digest", "source", "secret"])
      .where("source", "=", source);
    if (liveSecrets.length > 0) gone = gone.where("secret", "not in", [...liveSecrets]);
    const { numDeletedRows } = await db
      .deleteFrom("bodies_seen")
      .where(({ eb, refTuple }) =>
        eb(
          refTuple("digest", "source", "secret"),
          "in",
          gone.limit(FORGET_AT_ONCE).$asTuple("digest", "source", "secret"),
        ),
      )
      .executeTakeFirst();
    isMore = Number(numDeletedRows) === FORGET_AT_ONCE;
  }
}

/** Which of these bodies have come before, to whatever source. */
export async function findBodies(
  tx: Database,
  bodies: readonly { digest: Uint8Array }[],
): Promise<{ source: string; digest: Uint8Array }[]> {
  if (bodies.length === 0) return [];
  const digests = bodies.map(({ digest }) => digest);
  return execute(
    tx,
    `seen ${digests.length}`,
    () => tx.selectFrom("bodies_seen").select(["source", "digest"]).where("digest", "in", digests),
    digests,
  );
}

/** Kept for as long as the secret that verified it is live: until then the request could be sent again by a stranger. */
export async function rememberBodies(tx: Database, bodies: readonly Body[]): Promise<void> {
  const rows = bodies.flatMap(({ source, digest, secret }) =>
    secret === null ? [] : [{ source, digest, secret }],
  );
  if (rows.length === 0) return;
  await execute(
    tx,
    `bodies ${rows.length}`,
    () =>
      tx
        .insertInto("bodies_seen")
        .values(rows)
        .onConflict((conflict) => conflict.doNothing()),
    rows.flatMap((row) => Object.values(row)),
  );
}

/** So that an owner who changes a secret sees when the old one was last used, also after its deliveries are pruned. */
export async function noteSecretUses(tx: Database, deliveries: readonly Verified[]): Promise<void> {
  const uses = new Map<string, Tables["secret_uses"]>();
  for (const { source, secret, receivedAt } of deliveries) {
    if (secret !== null) uses.set(keyOf(source, secret), { source, secret, last_used_at: receivedAt });
  }
  const rows = [...uses.values()];
  if (rows.length === 0) return;
  await execute(
    tx,
    `secrets ${rows.length}`,
    () =>
      tx
        .insertInto("secret_uses")
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(["source", "secret"])
            .doUpdateSet((eb) => ({ last_used_at: eb.ref("excluded.last_used_at") })),
        ),
    rows.flatMap((row) => Object.values(row)),
  );
}
