/** The hooks that somebody has switched off. They are in the store, so that every node of a server knows of them. */
import type { Database } from "./store.ts";

/** Their names, in order. */
export async function listDisabledHooks(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("disabled_hooks").select("hook").orderBy("hook").execute();
  return rows.map(({ hook }) => hook);
}

/** Those of these hooks that nobody has switched off. */
export async function enabledAmong(db: Database, hooks: readonly string[]): Promise<string[]> {
  const disabled = new Set(await listDisabledHooks(db));
  return hooks.filter((hook) => !disabled.has(hook));
}

/** `false` when it was disabled already. */
export async function disableHook(db: Database, hook: string, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("disabled_hooks")
    .values({ hook, disabled_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** `false` when it was not disabled. */
export async function enableHook(db: Database, hook: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("disabled_hooks")
    .where("hook", "=", hook)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
