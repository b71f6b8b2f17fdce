/** Personal tokens for the admin API. Only a digest of each is kept: who has the database can use none of them. */
import { hash, randomBytes } from "node:crypto";
import type { Database } from "./store.ts";
import type { AdminRole } from "./tables.ts";

export interface Token {
  id: number;
  name: string;
  role: AdminRole;
  /** Epoch milliseconds, as all times here. */
  createdAt: number;
  createdBy: string;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

/** So often it is written down that a token is used. */
const NOTE_EVERY_MS = 60_000;

/** 32 random bytes in the letters of base64url. */
export function newSecretText(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept in its place. */
export function digestOf(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/** @returns the token itself, which can never be read again; `undefined` when a live one has this name. */
export async function addToken(
  db: Database,
  { name, role, createdBy, now }: { name: string; role: AdminRole; createdBy: string; now: number },
): Promise<{ token: string; id: number } | undefined> {
  const token = newSecretText();
  const row = await db
    .insertInto("tokens")
    .values({ name, role, digest: digestOf(token), created_at: now, created_by: createdBy })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return row && { token, id: row.id };
}

/** In the order in which they were made, the revoked ones as well. */
export async function listTokens(db: Database): Promise<Token[]> {
  const rows = await db.selectFrom("tokens").selectAll().orderBy("id").execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  }));
}

/** Ends a token's life, and that of the sessions that began with it. `false` when no live one has this number. */
export async function revokeToken(db: Database, id: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("tokens")
    .set({ revoked_at: now })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  await db.deleteFrom("sessions").where("token_id", "=", id).execute();
  return numUpdatedRows > 0n;
}

/** The live token that this text is, if it is one. */
export async function findToken(
  db: Database,
  text: string,
  now: number,
): Promise<{ id: number; name: string; role: AdminRole } | undefined> {
  const row = await db
    .selectFrom("tokens")
    .select(["id", "name", "role", "last_used_at"])
    // Found by a digest: how long that takes says nothing of the token.
    .where("digest", "=", digestOf(text))
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (!row) return undefined;
  const { last_used_at, ...token } = row;
  if (last_used_at === null || now - last_used_at > NOTE_EVERY_MS)
    await db.updateTable("tokens").set({ last_used_at: now }).where("id", "=", row.id).execute();
  return token;
}

/** Those of these that are live. */
export async function liveTokens(db: Database, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("tokens")
    .select("id")
    .where("id", "in", [...ids])
    .where("revoked_at", "is", null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}
