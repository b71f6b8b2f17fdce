/** What the store knows of secrets: when each was last used. Never a secret itself. */
import { execute, keyOf } from "./rows.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";

interface Verified {
  source: string;
  /** The secret that vouches for it; `null` where the source has none. */
  secret: string | null;
  receivedAt: number;
}

type SecretUse = Tables["secret_uses"];

/** When each secret of a source last verified a delivery: epoch milliseconds by the secret's name. */
export async function secretUses(db: Database, source: string): Promise<Map<string, number>> {
  const rows = await db.selectFrom("secret_uses").selectAll().where("source", "=", source).execute();
  return new Map(rows.map(({ secret, last_used_at }) => [secret, last_used_at]));
}

/** Nobody asks for the last use of a secret more exactly than this. */
const EXACT_MS = 1_000;

/**
 * Notes when secrets are used, so that an owner who changes one sees when the old one was last used, also after its
 * deliveries are pruned. Under load not every commit has to write it down.
 */
export class SecretUses {
  readonly #notedAt = new Map<string, number>();

  /** The uses that are worth a note. */
  due(deliveries: readonly Verified[]): SecretUse[] {
    const uses = new Map<string, SecretUse>();
    for (const { source, secret, receivedAt } of deliveries) {
      if (secret === null) continue;
      const key = keyOf(source, secret);
      const passedMs = receivedAt - (this.#notedAt.get(key) ?? Number.NEGATIVE_INFINITY);
      // A clock that was set back must not silence it.
      if (passedMs >= EXACT_MS || passedMs < 0) uses.set(key, { source, secret, last_used_at: receivedAt });
    }
    return [...uses.values()];
  }

  async note(tx: Database, uses: readonly SecretUse[]): Promise<void> {
    if (uses.length === 0) return;
    await execute(
      tx,
      `secrets ${uses.length}`,
      () =>
        tx
          .insertInto("secret_uses")
          .values(uses)
          .onConflict((conflict) =>
            conflict
              .columns(["source", "secret"])
              .doUpdateSet((eb) => ({ last_used_at: eb.ref("excluded.last_used_at") })),
          ),
      uses.flatMap(({ source, secret, last_used_at }) => [source, secret, last_used_at]),
    );
  }

  /** That these have been committed. */
  noted(uses: readonly SecretUse[]): void {
    for (const { source, secret, last_used_at } of uses)
      this.#notedAt.set(keyOf(source, secret), last_used_at);
  }
}
