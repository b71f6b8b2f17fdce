/** What the store knows of secrets: when each was last used, and which bodies it vouched for. Never a secret itself. */
import type { Database } from "./store.ts";

/** When each secret of a source last verified a delivery: epoch milliseconds by the secret's name. */
export async function secretUses(db: Database, source: string): Promise<Map<string, number>> {
  const rows = await db.selectFrom("secret_uses").selectAll().where("source", "=", source).execute();
  return new Map(rows.map(({ secret, last_used_at }) => [secret, last_used_at]));
}

/** Forgets the bodies that only secrets other than these have verified. */
export async function forgetBodies(
  db: Database,
  source: string,
  liveSecrets: readonly string[],
): Promise<void> {
  const gone = db.deleteFrom("bodies_seen").where("source", "=", source);
  await (liveSecrets.length > 0 ? gone.where("secret", "not in", [...liveSecrets]) : gone).execute();
}
